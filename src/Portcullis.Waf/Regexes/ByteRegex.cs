namespace Portcullis.Waf.Regexes;

/// <summary>
/// A regular expression of a rule, for bytes: PCRE2's syntax and verdicts as ModSecurity 2 sets it (PCRE2_DOTALL, PCRE2_DOLLAR_ENDONLY, no UTF), in linear
/// time and bounded memory. Nothing is allocated by a match once the states it takes are built. Safe for concurrent use.
/// </summary>
internal sealed class ByteRegex
{
    private readonly RegexBudget budget;
    private readonly LazyDfa verdict;
    private RegexLocator? locator;

    private ByteRegex(RegexSyntax syntax, RegexProgram program, RegexBudget budget)
    {
        Syntax = syntax;
        this.budget = budget;
        verdict = new LazyDfa(program, DfaMode.Verdict, budget);
    }

    /// <summary>The parsed pattern.</summary>
    public RegexSyntax Syntax { get; }

    /// <summary>How many capturing groups the pattern has.</summary>
    public int GroupCount => Syntax.GroupCount;

    /// <summary>The automaton of <see cref="IsMatch"/>, for tests and figures.</summary>
    internal LazyDfa Verdict => verdict;

    /// <summary>The automata of <see cref="Match"/>, for tests and figures; null before the first match.</summary>
    internal RegexLocator? Locator => Volatile.Read(ref locator);

    /// <summary>Compiles <paramref name="pattern"/>. Exactly one of the results is null.</summary>
    /// <param name="pattern">The pattern, as the rule has it between its quotes.</param>
    /// <param name="budget">What all patterns of a rule set share. A pattern without has its own; <see cref="DfaCache.MaxBytes"/> bounds each automaton.</param>
    public static (ByteRegex? Regex, RegexError? Error) Compile(ReadOnlySpan<byte> pattern, RegexBudget? budget = null)
    {
        var (syntax, error) = RegexParser.Parse(pattern);
        if (syntax is null) return (null, error);
        if (syntax.Backtracking is not null) return (null, syntax.Backtracking);
        var isTooLarge = RegexSize.Of(syntax.Root) >= ProgramCompiler.MaxInstructions - 1;
        var program = isTooLarge ? null : ProgramCompiler.CompileVerdict(RegexSimplifier.ForVerdict(syntax.Root));
        if (program is not null) return (new ByteRegex(syntax, program, budget ?? new RegexBudget(RegexBudget.DefaultLimit)), null);
        var message = $"the pattern is too large: its repeats expand to more than {ProgramCompiler.MaxInstructions} steps";
        return (null, new RegexError(0, message, NeedsBacktracking: false));
    }

    /// <summary>Whether <paramref name="value"/> has a match.</summary>
    public bool IsMatch(ReadOnlySpan<byte> value) => verdict.IsMatch(value);

    /// <summary>
    /// The match that PCRE finds in <paramref name="value"/>, if any: group 0 is the whole, at most ten are told. Groups that took no part, or that the
    /// pattern has not, are <see cref="Capture.None"/>.
    /// </summary>
    public bool Match(ReadOnlySpan<byte> value, Span<Capture> groups)
    {
        return verdict.IsMatch(value) && Locate(value, groups);
    }

    /// <summary><see cref="Match"/> for a value that is known to have one.</summary>
    public bool Locate(ReadOnlySpan<byte> value, Span<Capture> groups)
    {
        var found = Volatile.Read(ref locator);
        if (found is null)
        {
            // Two threads may make one each; either will do.
            found = new RegexLocator(Syntax, budget);
            Volatile.Write(ref locator, found);
        }

        return found.Locate(value, groups);
    }
}
