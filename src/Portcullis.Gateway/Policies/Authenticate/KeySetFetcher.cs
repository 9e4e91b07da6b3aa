using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Forwarding.Connecting;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>Fetches key sets of outside issuers over HTTP, with bounded time and size, only from addresses that the issuer's network rules allow.</summary>
public sealed partial class KeySetFetcher(ILogger<KeySetFetcher> logger, TimeProvider clock)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>The issuer's keys, or null after logging why there are none.</summary>
    internal async Task<JsonWebKeySet?> FetchAsync(ExternalIssuerOptions issuer)
    {
        using var timeout = new CancellationTokenSource(Timeout, clock);
        using var client = Client(issuer);
        try
        {
            var location = issuer.Jwks ?? await DiscoverAsync(client, issuer, timeout.Token);
            if (location is null) return null;

            var document = await client.GetByteArrayAsync(location, timeout.Token);
            if (JsonWebKeySet.TryParse(document, out var keys, out var fault)) return keys;

            LogRefused(logger, issuer.Issuer, location, fault ?? "not a key set");
            return null;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or JsonException or IOException)
        {
            LogFailed(logger, issuer.Issuer, exception.Message);
            return null;
        }
    }

    /// <summary>RFC 8414 §3 and OpenID Connect Discovery §4: the document must name the very issuer it was fetched for.</summary>
    private async Task<Uri?> DiscoverAsync(HttpClient client, ExternalIssuerOptions issuer, CancellationToken cancellationToken)
    {
        var location = new Uri(issuer.Issuer.TrimEnd('/') + "/.well-known/openid-configuration");
        using var document = JsonDocument.Parse(await client.GetByteArrayAsync(location, cancellationToken));
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("issuer", out var name) || name.ValueKind != JsonValueKind.String || name.GetString() != issuer.Issuer)
        {
            LogRefused(logger, issuer.Issuer, location, "the document names another issuer");
            return null;
        }

        if (!root.TryGetProperty("jwks_uri", out var keys) || keys.ValueKind != JsonValueKind.String || !Uri.TryCreate(keys.GetString(), UriKind.Absolute, out var result)
            || (result.Scheme != Uri.UriSchemeHttps && result.Scheme != location.Scheme))
        {
            LogRefused(logger, issuer.Issuer, location, "the document has no usable jwks_uri");
            return null;
        }

        if (IsForbidden(result, location, issuer.Network))
        {
            LogRefused(logger, issuer.Issuer, location, "its jwks_uri names an address that the network rules forbid");
            return null;
        }

        return result;
    }

    /// <summary>
    /// Names are judged by what they resolve to when a connection is made, but addresses are taken there for the operator's own words, as is
    /// localhost. Here the issuer's document wrote them: only the host that the operator named as issuer may stand there.
    /// </summary>
    private static bool IsForbidden(Uri keys, Uri issuer, NetworkOptions network)
    {
        if (keys.Host == issuer.Host) return false;
        return IPAddress.TryParse(keys.Host.Trim('[', ']'), out var address)
            ? !new AddressRules(network).Permits(keys.Host, address)
            : SystemHostResolver.IsLocalhost(keys.Host);
    }

    private HttpClient Client(ExternalIssuerOptions issuer)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
        };
        GuardedConnections.Apply(handler, issuer.Network, clock);
        return new HttpClient(handler) { MaxResponseContentBufferSize = JsonWebKeySet.MaximumSize };
    }

    [LoggerMessage(EventId = 1201, Level = LogLevel.Warning, Message = "The keys of issuer {Issuer} can't be fetched: {Reason}. Tokens signed by keys not known yet are refused.")]
    private static partial void LogFailed(ILogger logger, string issuer, string reason);

    [LoggerMessage(EventId = 1202, Level = LogLevel.Warning, Message = "The keys of issuer {Issuer} at {Location} are refused: {Reason}. Tokens signed by keys not known yet are refused.")]
    private static partial void LogRefused(ILogger logger, string issuer, Uri location, string reason);
}
