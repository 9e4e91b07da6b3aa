using System.Text;
using System.Text.RegularExpressions;
namespace Portcullis.Waf.Regexes;
internal enum BacktrackingResult { NoMatch, Match, TimedOut }
internal sealed class BacktrackingRegex
{
    private readonly Regex regex;
    private BacktrackingRegex(Regex regex) => this.regex = regex;
    public static BacktrackingRegex? Compile(ReadOnlySpan<byte> pattern, out string? error)
    {
        error = null;
        var text = Encoding.Latin1.GetString(pattern).Replace("++", "+", StringComparison.Ordinal).Replace("*+", "*", StringComparison.Ordinal);
        try { return new(new Regex(text, RegexOptions.Singleline | RegexOptions.CultureInvariant, TimeSpan.FromMilliseconds(100))); }
        catch (ArgumentException e) { error = e.Message; return null; }
    }
    public BacktrackingResult Match(ReadOnlySpan<byte> value, Span<Capture> captures, out int groups)
    {
        groups = 0;
        try
        {
            var m = regex.Match(Encoding.Latin1.GetString(value));
            if (!m.Success) return BacktrackingResult.NoMatch;
            for (; groups < captures.Length && groups < m.Groups.Count; groups++) captures[groups] = m.Groups[groups].Success ? new Capture(m.Groups[groups].Index, m.Groups[groups].Length) : new Capture(0, -1);
            return BacktrackingResult.Match;
        }
        catch (RegexMatchTimeoutException) { return BacktrackingResult.TimedOut; }
    }
}
