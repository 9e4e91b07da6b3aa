using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections.Addresses;
using Portcullis.Gateway.Connections.Http2;

namespace Portcullis.Gateway.Connections;

/// <summary>
/// Reads what comes before HTTP or TLS on a fresh connection: the PROXY header of a trusted proxy, and on plain listeners as much as it
/// takes to tell HTTP/2 from HTTP/1.1. What belongs to HTTP stays unread for Kestrel.
/// </summary>
internal sealed class Greeter(ConnectionContext connection, ConnectionRules rules, IPEndPoint peer, bool trusted, bool peeks)
{
    private readonly bool readsProxyHeader = trusted && rules.Options.ProxyProtocol != ProxyProtocolMode.None;
    private ProxyProtocolHeader? proxyHeader;

    public bool IsNeeded => readsProxyHeader || peeks;

    public bool SawHttp2Preface { get; private set; }

    /// <summary>The client as known so far.</summary>
    public IPEndPoint Client => proxyHeader?.Source ?? peer;

    /// <summary>Null when the connection may go on.</summary>
    public async Task<ConnectionRefusal?> GreetAsync(Admission admission, TimeProvider time, CancellationToken closing)
    {
        var limits = rules.Options.Limits;
        using var expiry = new CancellationTokenSource(readsProxyHeader ? limits.HeaderTimeout : limits.KeepAliveTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, closing);
        var stage = readsProxyHeader ? ConnectionRefusal.ProxyHeader : ConnectionRefusal.FirstBytes;
        try
        {
            if (readsProxyHeader)
            {
                var header = await ReadProxyHeaderAsync(either.Token);
                if (header.Outcome is ProxyProtocolOutcome.Invalid or ProxyProtocolOutcome.Incomplete
                    || (header.Outcome == ProxyProtocolOutcome.Absent && rules.Options.ProxyProtocol == ProxyProtocolMode.Required))
                    return stage;
                if (header.Outcome == ProxyProtocolOutcome.Present)
                {
                    proxyHeader = header;
                    if (Judge(admission, header.Source) is { } refusal) return refusal;
                    if (header.Source is not null) connection.RemoteEndPoint = header.Source;
                }
            }

            connection.Features.Set(new ClientConnection(rules, peer, proxyHeader));
            stage = ConnectionRefusal.FirstBytes;
            if (peeks)
            {
                if (readsProxyHeader) expiry.CancelAfter(limits.KeepAliveTimeout);
                SawHttp2Preface = await PeekPrefaceAsync(expiry, either.Token);
            }

            return null;
        }
        catch (OperationCanceledException)
        {
            return stage;
        }
        catch (Exception exception) when (exception is IOException or ConnectionAbortedException or InvalidOperationException)
        {
            // The peer went away.
            return stage;
        }
    }

    // Whoever is relayed is held to the rules for the address that is claimed for them; without one, to those for the proxy's, without its trust.
    private ConnectionRefusal? Judge(Admission admission, IPEndPoint? source)
    {
        if (source is not null && rules.TrustedProxies.Contains(source.Address)) return null;
        var address = (source ?? peer).Address;
        if (!rules.Firewall.Admits(address)) return ConnectionRefusal.Firewall;
        return admission.TryCount(address, rules.Options.Limits.ConnectionsPerAddress) ? null : ConnectionRefusal.AddressLimit;
    }

    private async ValueTask<ProxyProtocolHeader> ReadProxyHeaderAsync(CancellationToken cancel)
    {
        var input = connection.Transport.Input;
        while (true)
        {
            var read = await input.ReadAsync(cancel);
            var header = ProxyProtocolHeader.Parse(read.Buffer);
            if (header.Outcome != ProxyProtocolOutcome.Incomplete || read.IsCompleted)
            {
                var consumed = read.Buffer.GetPosition(header.Length);
                input.AdvanceTo(consumed, consumed);
                return header;
            }

            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private async ValueTask<bool> PeekPrefaceAsync(CancellationTokenSource expiry, CancellationToken cancel)
    {
        var input = connection.Transport.Input;
        var began = false;
        while (true)
        {
            var read = await input.ReadAsync(cancel);
            var verdict = Http2Preface.Match(read.Buffer);
            if (verdict is not null || read.IsCompleted)
            {
                input.AdvanceTo(read.Buffer.Start, read.Buffer.Start);
                return verdict ?? false;
            }

            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (!began && !read.Buffer.IsEmpty)
            {
                began = true;
                expiry.CancelAfter(rules.Options.Limits.HeaderTimeout);
            }
        }
    }
}
