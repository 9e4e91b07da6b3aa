using Microsoft.Extensions.Primitives;

namespace Portcullis.Gateway.Forwarding;

/// <summary>Reads single cookies without taking the rest apart (RFC 6265 §4.2.1).</summary>
internal static class Cookies
{
    /// <summary>How many cookies there are of this name.</summary>
    public static int Count(StringValues fields, string name)
    {
        var count = 0;
        foreach (var field in fields)
        {
            foreach (var part in field.AsSpan().Split(';'))
            {
                var pair = field.AsSpan()[part].Trim(' ');
                if (pair.Length > name.Length && pair[name.Length] == '=' && pair.StartsWith(name, StringComparison.Ordinal)) count++;
            }
        }

        return count;
    }

    /// <summary>Value of the first cookie of this name; empty when there is none.</summary>
    public static ReadOnlySpan<char> Find(StringValues fields, string name)
    {
        foreach (var field in fields)
        {
            var rest = field.AsSpan();
            while (!rest.IsEmpty)
            {
                var end = rest.IndexOf(';');
                var pair = (end < 0 ? rest : rest[..end]).Trim(' ');
                rest = end < 0 ? default : rest[(end + 1)..];
                if (pair.Length > name.Length && pair[name.Length] == '=' && pair.StartsWith(name, StringComparison.Ordinal)) return pair[(name.Length + 1)..].Trim('"');
            }
        }

        return default;
    }
}
