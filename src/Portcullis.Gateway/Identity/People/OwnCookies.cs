using System.Text;
using Microsoft.Extensions.Primitives;

namespace Portcullis.Gateway.Identity.People;

/// <summary>
/// The gateway's own cookies. They hold what identifies a person here: no upstream gets them, and none may set one, by which it could sign a browser in as
/// somebody else (RFC 6265bis §4.1.3.2 keeps other hosts from it, not the services behind this one).
/// </summary>
public static class OwnCookies
{
    /// <summary>What all their names begin with.</summary>
    public const string Prefix = "__Host-portcullis-";

    /// <summary>The cookie of a session.</summary>
    public const string Session = Prefix + "session";

    private static readonly byte[] PrefixOctets = Encoding.ASCII.GetBytes(Prefix);

    /// <summary>Whether one of them may be in a field, by its octets.</summary>
    internal static bool MayBeIn(ReadOnlySpan<byte> field) => field.IndexOf(PrefixOctets) >= 0;

    /// <summary>Whether one of them may be in a field.</summary>
    internal static bool MayBeIn(StringValues fields)
    {
        foreach (var field in fields)
        {
            if (field is not null && field.Contains(Prefix, StringComparison.Ordinal)) return true;
        }

        return false;
    }

    /// <summary>A Cookie field without them; empty where nothing is left.</summary>
    internal static StringValues Without(StringValues cookies)
    {
        var kept = new List<string>();
        foreach (var field in cookies)
        {
            foreach (var pair in (field ?? string.Empty).Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (!pair.StartsWith(Prefix, StringComparison.Ordinal)) kept.Add(pair);
            }
        }

        return kept.Count == 0 ? StringValues.Empty : string.Join("; ", kept);
    }

    /// <summary>The lines of Set-Cookie that set none of them.</summary>
    internal static StringValues WithoutSettings(StringValues lines)
    {
        var kept = new List<string>();
        foreach (var line in lines)
        {
            if (line is not null && !line.TrimStart(' ', '\t').StartsWith(Prefix, StringComparison.Ordinal)) kept.Add(line);
        }

        return kept.ToArray();
    }
}
