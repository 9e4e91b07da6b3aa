using System.Buffers;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Portcullis.Gateway.Telemetry;

/// <summary>Reads and joins <c>tracestate</c> fields (W3C Trace Context, level 2, §3.3).</summary>
internal static class TraceState
{
    private const int MaximumMembers = 32;
    private const int MaximumLength = 8 * 1024;

    private static readonly SearchValues<char> KeyCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_-*/@");

    /// <summary>All members of all fields in their order, optional white space removed; null when there are none or one is malformed.</summary>
    public static string? Normalise(StringValues fields)
    {
        if (fields.Count == 0) return null;

        var result = new StringBuilder();
        var members = 0;
        foreach (var field in fields)
        {
            if (field is null || result.Length + field.Length > MaximumLength) return null;
            foreach (var range in field.AsSpan().Split(','))
            {
                var member = field.AsSpan()[range].Trim(" \t");
                if (member.IsEmpty) continue;
                if (!IsMember(member) || ++members > MaximumMembers) return null;
                if (result.Length > 0) result.Append(',');
                result.Append(member);
            }
        }

        return members == 0 ? null : result.ToString();
    }

    private static bool IsMember(ReadOnlySpan<char> member)
    {
        var equals = member.IndexOf('=');
        return equals > 0 && IsKey(member[..equals]) && IsValue(member[(equals + 1)..]);
    }

    // Level 2 makes @ a character like others but the first, where level 1 divides tenant and system by it.
    private static bool IsKey(ReadOnlySpan<char> key)
        => key.Length <= 256 && (char.IsAsciiLetterLower(key[0]) || char.IsAsciiDigit(key[0])) && !key.ContainsAnyExcept(KeyCharacters);

    private static bool IsValue(ReadOnlySpan<char> value)
        => value.Length is >= 1 and <= 256 && !value.ContainsAnyExceptInRange(' ', '~') && !value.Contains('=') && value[^1] != ' ';
}
