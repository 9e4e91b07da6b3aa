using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Regexes;

/// <summary>A compiled pattern. Immutable.</summary>
/// <param name="Code">The instructions.</param>
/// <param name="Start">Where a match begins.</param>
/// <param name="Sets">The distinct sets of bytes that instructions name.</param>
/// <param name="Chains">For each instruction of a counted repeat the same place in its other copies (a number they share), else 0.</param>
/// <param name="Ranks">
/// Which copy it is in. Of two instructions with one chain the one of lower rank can do whatever the other can, as far as a verdict goes: it has more
/// repetitions left, or fewer to go.
/// </param>
internal sealed record RegexProgram(Instruction[] Code, int Start, ByteSet[] Sets, int[] Chains, int[] Ranks)
{
    /// <summary>Whether an assertion asks for a line feed, an edge or a word.</summary>
    public bool AsksForLineFeeds { get; } = Asks(Code, AssertionKind.LineStart, AssertionKind.LineEnd, AssertionKind.EndOrFinalLineFeed);

    public bool AsksForEdges { get; } = Asks(
        Code, AssertionKind.Start, AssertionKind.End, AssertionKind.EndOrFinalLineFeed, AssertionKind.LineStart, AssertionKind.LineEnd);

    public bool AsksForWords { get; } = Asks(Code, AssertionKind.WordBoundary, AssertionKind.NotWordBoundary);

    /// <summary>Whether it looks at the next byte: then it does not run backwards.</summary>
    public bool LooksAhead { get; } = Array.Exists(Code, static instruction => instruction.Op == Opcode.NotBefore);

    private static bool Asks(Instruction[] code, params ReadOnlySpan<AssertionKind> kinds)
    {
        foreach (var instruction in code)
        {
            if (instruction.Op == Opcode.Assert && kinds.Contains((AssertionKind)instruction.Argument)) return true;
        }

        return false;
    }
}
