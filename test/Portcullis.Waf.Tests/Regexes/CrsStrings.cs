using System.Text;

namespace Portcullis.Waf.Tests.Regexes;

/// <summary>What the regression tests of the Core Rule Set send: each value of their YAML, its parts at &amp; and =, and both with URL coding undone.</summary>
internal static class CrsStrings
{
    public static IReadOnlyList<byte[]> All()
    {
        var distinct = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in Directory.GetFiles(Requirement.Data("crs-3.3.4-tests"), "*.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            foreach (var line in File.ReadLines(file, Encoding.Latin1))
            {
                var colon = line.IndexOf(": ", StringComparison.Ordinal);
                AddParts(distinct, colon < 0 ? line.Trim() : line[(colon + 2)..].Trim(' ', '"', '\''));
            }
        }

        return [.. distinct.Select(Encoding.Latin1.GetBytes)];
    }

    private static void AddParts(HashSet<string> distinct, string value)
    {
        Add(distinct, value);
        foreach (var pair in value.Split('&', '?'))
        {
            Add(distinct, pair);
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0) continue;
            Add(distinct, pair[..equals]);
            Add(distinct, pair[(equals + 1)..]);
        }
    }

    private static void Add(HashSet<string> distinct, string value)
    {
        distinct.Add(value);
        distinct.Add(Decoded(value));
        distinct.Add(Decoded(value).ToLowerInvariant());
    }

    private static string Decoded(string value)
    {
        var decoded = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '%' && i + 2 < value.Length && char.IsAsciiHexDigit(value[i + 1]) && char.IsAsciiHexDigit(value[i + 2]))
            {
                decoded.Append((char)Convert.ToInt32(value.Substring(i + 1, 2), 16));
                i += 2;
            }
            else
            {
                decoded.Append(value[i] == '+' ? ' ' : value[i]);
            }
        }

        return decoded.ToString();
    }
}
