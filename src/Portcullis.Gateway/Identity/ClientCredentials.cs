using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Portcullis.Gateway.Identity;

/// <summary>The credentials a client presents at the token endpoint: by HTTP Basic or in the form, never both (RFC 6749 §2.3.1).</summary>
internal readonly record struct ClientCredentials(string Id, string Secret)
{
    /// <summary>Reads them; null and a reason where there are none, too many or malformed ones.</summary>
    public static ClientCredentials? Read(StringValues authorization, Dictionary<string, StringValues> form, out string reason)
    {
        var inForm = form.ContainsKey("client_secret") || form.ContainsKey("client_assertion");
        if (authorization.Count == 0)
        {
            reason = "no client credentials";
            return form.TryGetValue("client_id", out var id) && form.TryGetValue("client_secret", out var secret) && id.Count == 1 && secret.Count == 1
                ? new ClientCredentials(id[0]!, secret[0]!)
                : null;
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
        return form.TryGetValue("client_id", out var named) && named != basic.Id ? null : basic;
    }
}
