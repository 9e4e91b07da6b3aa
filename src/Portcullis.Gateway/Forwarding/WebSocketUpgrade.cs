using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Forwarding;

/// <summary>
/// WebSocket over HTTP/1.1 (RFC 6455) and HTTP/2 (RFC 8441), and from one to the other: the first proves itself with
/// Sec-WebSocket-Key and -Accept, the second has no such fields. Other upgrades are not taken up, as RFC 9110 §7.8 permits.
/// </summary>
internal static class WebSocketUpgrade
{
    private const string Key = "Sec-WebSocket-Key";
    private const string Accept = "Sec-WebSocket-Accept";

    /// <summary>RFC 6455 §1.3.</summary>
    private const string Salt = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <summary>Whether the client asks for a WebSocket in a form that its protocol version has.</summary>
    public static bool IsAsked(Exchange exchange)
    {
        if (exchange.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
        {
            return string.Equals(connect.Protocol, "websocket", StringComparison.OrdinalIgnoreCase);
        }

        var upgrade = exchange.RequestHeaders.Upgrade;
        return upgrade.Count == 1
            && string.Equals(upgrade[0], "websocket", StringComparison.OrdinalIgnoreCase)
            && exchange.Method == "GET"
            && exchange.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true };
    }

    /// <summary>Adds or removes the key where the two sides speak different versions.</summary>
    public static void AdaptRequest(Exchange exchange, UpstreamProtocol protocol, ForwardState state)
    {
        var fields = state.Request.Fields;
        if (protocol == UpstreamProtocol.Http2)
        {
            fields.Remove(Key);
            return;
        }

        if (exchange.RequestHeaders.ContainsKey(Key)) return;
        state.WebSocketKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        fields.Add(new(Key, state.WebSocketKey));
    }

    /// <summary>Makes the response fields fit the client's version. False: the upstream's proof is wrong.</summary>
    public static bool AdaptResponse(Exchange exchange, ForwardState state)
    {
        var headers = exchange.ResponseHeaders;
        headers.ContentLength = null;
        if (state.WebSocketKey is { } own)
        {
            if (headers[Accept] != Prove(own)) return false;
            headers.Remove(Accept);
        }

        if (exchange.Method == "CONNECT") return true;
        headers.Upgrade = "websocket";
        if (headers.ContainsKey(Accept)) return true;
        headers[Accept] = Prove(exchange.RequestHeaders[Key].ToString());
        return true;
    }

    /// <summary>Answers the client: 101, or 200 to an extended CONNECT.</summary>
    public static async ValueTask<Stream> AcceptAsync(Exchange exchange)
    {
        if (exchange.Method != "CONNECT") return await exchange.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        exchange.StatusCode = StatusCodes.Status200OK;
        return await exchange.Features.GetRequiredFeature<IHttpExtendedConnectFeature>().AcceptAsync();
    }

#pragma warning disable RS0030, CA5350 // RFC 6455 §4.2.2 prescribes SHA-1; it guards against confusion, not against attackers.
    private static StringValues Prove(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + Salt)));
#pragma warning restore RS0030, CA5350
}
