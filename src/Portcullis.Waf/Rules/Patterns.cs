using Portcullis.Waf.Bytes;
using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Rules;

/// <summary>Compiles patterns as they stand in rule files, where a character is a byte.</summary>
internal static class Patterns
{
    /// <summary>The pattern, or null with what is wrong.</summary>
    public static ByteRegex? Compile(string pattern, out string? error)
    {
        var (regex, wrong) = ByteRegex.Compile(Slice.Of(pattern).Span);
        error = wrong?.ToString();
        return regex;
    }
}
