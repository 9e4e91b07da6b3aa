using System.Net;

namespace Portcullis.Control.Identity.Clients;

/// <summary>Judges where codes may be sent: to a server over TLS, or to a program on the person's own device (RFC 8252 §7).</summary>
internal static class RedirectUri
{
    private const int Longest = 1000;

    /// <summary>Null where codes may be sent there; otherwise why not.</summary>
    public static ClientDefect? Judge(string text)
    {
        // Octets that requests have to repeat one by one, so none that are written in several ways.
        if (text.Length is 0 or > Longest || text.Any(character => character is <= ' ' or >= '\x7f' or '"' or '<' or '>' or '\\' or '^' or '`' or '{' or '|' or '}'))
            return new($"'{text}' is no redirect URI", $"write an absolute URL in ASCII without spaces, at most {Longest} characters");
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri)) return new($"'{text}' is no absolute URL", "write https://host/path");

        // RFC 6749 §3.1.2.
        if (text.Contains('#', StringComparison.Ordinal)) return new($"'{text}' has a fragment", "leave out what begins with #");
        if (uri.UserInfo.Length > 0) return new($"'{text}' has a name or password", "leave out what stands before @");
        if (uri.Scheme == Uri.UriSchemeHttps) return uri.Host.Length > 0 ? null : new($"'{text}' names no host", "write https://host/path");
        if (uri.Scheme == Uri.UriSchemeHttp)
        {
            // §7.3, §8.3: by address, since a name may be resolved elsewhere.
            return IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address)
                ? null
                : new($"'{text}' would send codes in the clear", "write https, or for a program on the person's own device http://127.0.0.1 or http://[::1]");
        }

        // §7.1: a scheme of one's own is a domain name read backwards. One without a dot is everybody's, such as javascript or data.
        return uri.Scheme.Contains('.', StringComparison.Ordinal)
            ? null
            : new($"'{text}' has a scheme that is nobody's own", "write https, or for an app a domain of yours read backwards, as in com.example.app:/callback");
    }
}
