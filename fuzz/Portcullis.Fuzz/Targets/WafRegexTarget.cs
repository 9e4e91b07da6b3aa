using Portcullis.Waf.Bytes;
using Portcullis.Waf.Literals;
using Portcullis.Waf.Regexes;

namespace Portcullis.Fuzz.Targets;

/// <summary>
/// A rule's pattern and a value: input is an octet with the pattern's length, the pattern, the value. The parser refuses or the pattern compiles; then four
/// matchers agree: the automaton, the same without room for its states, the machine with threads, and the platform's backtracking matcher unless its time is
/// up. The prefilter never rules out what matches.
/// </summary>
internal sealed class WafRegexTarget : IFuzzTarget
{
    private const int LongestValue = 300;

    /// <summary>Programs beyond this are left alone: what they cost is known, and nothing else is learnt.</summary>
    private const int LargestProgram = 5_000;

    private static readonly TimeSpan TimeLimit = TimeSpan.FromMilliseconds(200);

    public string Name => "waf-regex";

    public IReadOnlyList<string> Dictionary { get; } =
    [
        "(?i)", "(?:", "(?<n>", "(?=", "(?<!", "(?>", "(?m)", "(?-s)", "(?x)", "(?#", "[^", "[[:alpha:]]", "[a-z]", "[\\w-]", "\\b", "\\B", "\\d", "\\s",
        "\\R", "\\x{e9}", "\\x41", "\\101",         "\\Q", "\\E", "\\A", "\\z", "\\Z", "^", "$", ".*", ".+?", "*+", "{2,5}", "{3}", "{0,}", "|", ")", "(a|b)*", "(a*)*", "\\1", "\r\n", "\n",
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        var length = Math.Min((int)input[0], input.Length - 1);
        var pattern = input.Slice(1, length);
        var value = input[(1 + length)..];
        value = value[..Math.Min(value.Length, LongestValue)];
        var (regex, error) = ByteRegex.Compile(pattern);
        BrokenInvariantException.Unless(regex is null != error is null, "a pattern compiles or is refused");
        if (regex is null)
        {
            BrokenInvariantException.Unless(error!.Offset >= 0 && error.Offset <= pattern.Length && error.Message.Length > 0, "a refusal names its place");
            if (error.NeedsBacktracking) _ = BacktrackingRegex.Compile(pattern, TimeLimit).Regex?.IsMatch(value);
            return;
        }

        if (RegexSize.Of(regex.Syntax.Root) > LargestProgram) return;
        var program = ProgramCompiler.CompileExact(regex.Syntax.Root)!;
        Span<int> slots = stackalloc int[PikeMachine.MaxSlots];
        slots.Fill(-1);
        var matches = PikeMachine.Match(program, value, 0, value.Length, isAnchored: false, slots);
        BrokenInvariantException.Unless(regex.IsMatch(value) == matches, "the automaton and the threads agree");
        BrokenInvariantException.Unless(regex.IsMatch(value) == matches, "the automaton says the same again");
        var (starved, _) = ByteRegex.Compile(pattern, new RegexBudget(0));
        BrokenInvariantException.Unless(starved!.IsMatch(value) == matches, "dropped states change nothing");
        Span<Capture> groups = stackalloc Capture[PikeMachine.MaxSlots / 2];
        BrokenInvariantException.Unless(regex.Match(value, groups) == matches, "a match is found where there is one");
        for (var group = 0; matches && group < groups.Length; group++)
        {
            // What has no end is no group yet.
            var expected = slots[2 * group] >= 0 && slots[(2 * group) + 1] >= slots[2 * group] ? slots[2 * group] : -1;
            BrokenInvariantException.Unless(groups[group].Offset == expected, $"group {group} is where the threads have it");
            var isAsLong = expected < 0 || groups[group].Length == slots[(2 * group) + 1] - expected;
            BrokenInvariantException.Unless(isAsLong, $"group {group} is as long as the threads have it");
        }

        var filter = Prefilter.Build([RequirementAnalysis.Analyse(regex)]);
        var candidates = 0UL;
        filter.Candidates(value, ByteSet.Of(value), new Span<ulong>(ref candidates));
        BrokenInvariantException.Unless(!matches || candidates != 0, "the prefilter keeps what matches");
        var platform = BacktrackingRegex.Compile(pattern, TimeLimit).Regex?.IsMatch(value) ?? MatchOutcome.TimedOut;
        BrokenInvariantException.Unless(
            platform == MatchOutcome.TimedOut || (platform == MatchOutcome.Match) == matches, "the platform's matcher comes to the same verdict");
    }
}
