namespace Portcullis.Waf.Regexes;

/// <summary>
/// Finds where a match is, in three passes: forwards to its end, backwards to its start, and over what is between for the groups. A pattern that looks
/// ahead does without the second. Made at the first match.
/// </summary>
internal sealed class RegexLocator
{
    private readonly RegexProgram program;
    private readonly LazyDfa forwards;
    private readonly LazyDfa? backwards;
    private readonly int groupCount;

    public RegexLocator(RegexSyntax syntax, RegexBudget budget)
    {
        program = ProgramCompiler.CompileExact(syntax.Root) ?? throw new ArgumentException("The pattern is too large.", nameof(syntax));
        groupCount = syntax.GroupCount;
        forwards = new LazyDfa(program, DfaMode.First, budget);
        if (!program.LooksAhead && ProgramCompiler.CompileVerdict(RegexSimplifier.Reverse(syntax.Root)) is { } reversed)
            backwards = new LazyDfa(reversed, DfaMode.Reverse, budget);
    }

    internal RegexProgram Program => program;

    internal LazyDfa Forwards => forwards;

    internal LazyDfa? Backwards => backwards;

    public bool Locate(ReadOnlySpan<byte> value, Span<Capture> groups)
    {
        groups.Fill(Capture.None);
        var end = forwards.FindEnd(value);
        if (end < 0) return false;
        if (groups.IsEmpty) return true;
        var start = backwards?.FindStart(value, end) ?? 0;
        groups[0] = new Capture(start, end - start);
        var count = Math.Min(Math.Min(groups.Length, groupCount + 1), PikeMachine.MaxSlots / 2);
        if (count < 2 && backwards is not null) return true;
        Span<int> slots = stackalloc int[PikeMachine.MaxSlots];
        slots = slots[..(2 * count)];
        if (!PikeMachine.Match(program, value, start, end, isAnchored: backwards is not null, slots)) return true;
        for (var group = 0; group < count; group++)
        {
            var (from, to) = (slots[2 * group], slots[(2 * group) + 1]);
            if (from >= 0 && to >= from) groups[group] = new Capture(from, to - from);
        }

        return true;
    }
}
