using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Scheduling;

namespace Portcullis.Gateway.Identity;

/// <summary><c>POST /oauth/token</c>: the client-credentials grant (RFC 6749 §4.4), giving RFC 9068 access tokens.</summary>
internal sealed class TokenEndpoint(IClientStore clients, AccessTokenIssuer issuer) : ITerminal
{
    /// <summary>A token request is a few hundred octets; more is refused with 413.</summary>
    private const long MaximumBody = 16 * 1024;

    /// <summary>Compared against where the client is unknown, so that both cases take the same steps.</summary>
    private static readonly OAuthClient Nobody = new(string.Empty, new byte[32], [], IsDisabled: true);

    public async ValueTask<Verdict> InvokeAsync(Exchange exchange)
    {
        // 1. RFC 6749 §3.2: credentials go over TLS only. From this machine they cross no network.
        if (exchange.Scheme != "https" && !IPAddress.IsLoopback(exchange.ClientAddress)) return Verdict.Refuse(RefusalCode.TlsRequired, "credentials over plain HTTP");

        // 2. The form.
        if (exchange.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = MaximumBody;
        if (!IsForm(exchange.RequestHeaders.ContentType)) return await FailAsync(exchange, 400, "invalid_request", "the body must be application/x-www-form-urlencoded");

        Dictionary<string, StringValues> form;
        try
        {
            form = await new FormPipeReader(exchange.RequestBody) { ValueCountLimit = 32, KeyLengthLimit = 64, ValueLengthLimit = 8 * 1024 }.ReadFormAsync(exchange.Aborted);
        }
        catch (InvalidDataException)
        {
            return await FailAsync(exchange, 400, "invalid_request", "the form is malformed or has too many fields");
        }

        // 3. No parameter twice (§3.2).
        foreach (var (name, values) in form)
        {
            if (values.Count > 1) return await FailAsync(exchange, 400, "invalid_request", "a parameter is repeated", name);
        }

        // 4. The client, before anything that depends on who it is.
        if (ClientCredentials.Read(exchange.RequestHeaders.Authorization, form, out var reason) is not { } credentials)
        {
            return await FailAsync(exchange, 401, "invalid_client", "client authentication failed", reason);
        }

        // From here on in the pool: clients are read from a file, and a signature by an RSA key takes as long as dozens of requests.
        await PoolTurn.TakeAsync();
        var client = await clients.FindAsync(credentials.Id, exchange.Aborted) ?? Nobody;
        var secretMatches = client.SecretMatches(credentials.Secret);
        if (!secretMatches || client.IsDisabled)
        {
            return await FailAsync(exchange, 401, "invalid_client", "client authentication failed", secretMatches ? "client is disabled" : "unknown client or wrong secret");
        }

        // 5. The grant.
        if (!form.TryGetValue("grant_type", out var grant)) return await FailAsync(exchange, 400, "invalid_request", "grant_type is missing");
        if (grant != "client_credentials") return await FailAsync(exchange, 400, "unsupported_grant_type", "only client_credentials is supported");

        // 6. The scope: what was asked for, at most what the client may have (§3.3).
        var granted = client.Permissions;
        if (form.TryGetValue("scope", out var scope) && scope[0] is { Length: > 0 } wanted)
        {
            var words = wanted.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Except(client.Permissions, StringComparer.Ordinal).Any()) return await FailAsync(exchange, 400, "invalid_scope", "the client may not have that scope");
            granted = [.. words.Distinct(StringComparer.Ordinal)];
        }

        var issued = issuer.IssueToClient(client.Id, granted);
        exchange.Caller = new Caller(client.Id, client.Id, granted);
        return await RespondAsync(exchange, 200, writer =>
        {
            writer.WriteString("access_token"u8, issued.Token);
            writer.WriteString("token_type"u8, "Bearer"u8);
            writer.WriteNumber("expires_in"u8, (long)issuer.Lifetime.TotalSeconds);
            writer.WriteString("scope"u8, string.Join(' ', granted));
        });
    }

    private static bool IsForm(StringValues contentType)
        => contentType.Count == 1 && contentType[0]!.AsSpan().TrimEnd() is var type
            && (type.Contains(';') ? type[..type.IndexOf(';')].TrimEnd() : type).Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase);

    /// <summary>RFC 6749 §5.2. The cause goes to the decision log only.</summary>
    private static ValueTask<Verdict> FailAsync(Exchange exchange, int status, string error, string description, string? cause = null)
    {
        exchange.Fail(status == 401 ? RefusalCode.AuthenticationRequired : RefusalCode.RequestMalformed, cause ?? description);
        if (status == 401) exchange.AddResponseField("WWW-Authenticate", "Basic realm=\"token\", charset=\"UTF-8\"");
        return RespondAsync(exchange, status, writer =>
        {
            writer.WriteString("error"u8, error);
            writer.WriteString("error_description"u8, description);
        });
    }

    private static ValueTask<Verdict> RespondAsync(Exchange exchange, int status, Action<Utf8JsonWriter> write)
    {
        exchange.AddResponseField("Cache-Control", "no-store");
        exchange.AddResponseField("Pragma", "no-cache");
        return exchange.RespondAsync(status, "application/json", JsonBody.Create(write));
    }
}
