using Portcullis.Waf.Bodies;
using Portcullis.Waf.Bytes;
using Portcullis.Waf.Regexes;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf.Rules;

/// <summary>What a rule looks at, or what it leaves out: a variable, all of its members or some by name or regular expression, or how many those are.</summary>
internal sealed class Target
{
    public required Variable Variable { get; init; }

    /// <summary>The number of the one member's name; <see cref="NameTable.Unknown"/> if none is named, or one that no rule of the set mentions.</summary>
    public int NameId { get; init; } = NameTable.Unknown;

    /// <summary>The member's name as the rule writes it.</summary>
    public Slice Name { get; init; }

    /// <summary>Which members, by their names; null if not by regular expression.</summary>
    public ByteRegex? NameRegex { get; init; }

    /// <summary>An XPath expression, as <see cref="Name"/> has it; for XML only.</summary>
    public XmlQuery? Query { get; init; }

    /// <summary>The target whose members are counted; null where the members themselves are meant.</summary>
    public Target? Counted { get; init; }

    /// <summary>The number of members instead of the members.</summary>
    public bool IsCount => Counted is not null;

    public bool IsWhole => Name.IsEmpty && NameRegex is null;

    /// <summary>Whether a member of the collection is meant. <paramref name="nameId"/> is its name's number, if a rule mentions that name.</summary>
    public bool Selects(int nameId, ReadOnlySpan<byte> name)
        => NameRegex is not null ? NameRegex.IsMatch(name)
            : Name.IsEmpty || (NameId != NameTable.Unknown ? NameId == nameId : AsciiCase.EqualsIgnoreCase(Name.Span, name));

    /// <summary>The variable as rules write it: <c>ARGS:id</c>.</summary>
    public override string ToString()
    {
        var name = VariableCatalogue.Name(Variable);
        return (IsCount ? "&" : "") + (NameRegex is not null ? $"/{NameRegex.Syntax}/" : Name.IsEmpty ? null : Name.ToString()) switch
        {
            null => name,
            var selector => $"{name}:{selector}",
        };
    }
}
