using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Portcullis.Gateway.Identity;

/// <summary>The credentials a client presents at the token endpoint: by HTTP Basic or in the form, never both (RFC 6749 §2.3.1).</summary>
internal readonly record struct ClientCredentials(string Id, string Secret)
{
    /// <summary>Reads them; null and a reason where there are none, too many or malformed ones.</summary>
    public static ClientCredentials? Read(StringValues authorization, OAuthParameters form, out string reason)
    {
        var inForm = form.Contains("client_secret") || form.Contains("client_assertion");
        if (authorization.Count == 0)
        {
            reason = "no client credentials";
            return form["client_id"] is { } id && form["client_secret"] is { } secret ? new ClientCredentials(id, secret) : null;
        }

        reason = "client credentials in header and form";
        if (inForm || authorization.Count > 1) return null;

        reason = "malformed Authorization field";
        if (!AuthenticationHeaderValue.TryParse(authorization[0], out var value) || !value.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase)) return null;

        Span<byte> bytes = stackalloc byte[512];
        if (value.Parameter is null || !Convert.TryFromBase64String(value.Parameter, bytes, out var length)) return null;

        var text = Encoding.UTF8.GetString(bytes[..length]);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 1) return null;

        // RFC 6749 §2.3.1: both halves are form-encoded before they are joined.
        var basic = new ClientCredentials(Uri.UnescapeDataString(text[..colon].Replace('+', ' ')), Uri.UnescapeDataString(text[(colon + 1)..].Replace('+', ' ')));
        return form["client_id"] is { } named && named != basic.Id ? null : basic;
    }
}
