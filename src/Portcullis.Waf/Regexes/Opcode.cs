namespace Portcullis.Waf.Regexes;

internal enum Opcode : byte
{
    /// <summary>Consumes a byte of the set <see cref="Instruction.Argument"/>.</summary>
    Set,

    /// <summary>Goes on at <see cref="Instruction.Next"/>, or else at <see cref="Instruction.Argument"/>.</summary>
    Split,

    /// <summary>Notes the position in slot <see cref="Instruction.Argument"/>.</summary>
    Save,

    /// <summary>Goes on where the <see cref="AssertionKind"/> <see cref="Instruction.Argument"/> holds.</summary>
    Assert,

    /// <summary>Goes on where the next byte is none of the set <see cref="Instruction.Argument"/>.</summary>
    NotBefore,

    Match,
}
