using System.Net;
using System.Net.Sockets;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections.Addresses;
using Portcullis.Gateway.Connections.Http2;
using Portcullis.Gateway.EventLoops;

namespace Portcullis.Gateway.Connections;

/// <summary>
/// Reads what comes before HTTP or TLS on a fresh connection: the PROXY header of a trusted proxy, and on plain listeners as much as it
/// takes to tell HTTP/2 from HTTP/1.1.
/// </summary>
internal sealed class Greeter(LoopSocket connection, ConnectionRules rules, IPEndPoint peer, bool trusted, bool peeks)
{
    private const int MostHeld = ProxyProtocolHeader.MaximumBytes * 2;

    private readonly bool readsProxyHeader = trusted && rules.Options.ProxyProtocol != ProxyProtocolMode.None;
    private ReceiveBuffer input;
    private ProxyProtocolHeader? proxyHeader;

    public bool IsNeeded => readsProxyHeader || peeks;

    public bool SawHttp2Preface { get; private set; }

    /// <summary>The client as known so far.</summary>
    public IPEndPoint Client => proxyHeader?.Source ?? peer;

    public ClientConnection Connection => new(rules, peer, proxyHeader);

    /// <summary>What was received and belongs to TLS or HTTP.</summary>
    public ReadOnlyMemory<byte> Early { get; private set; }

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
                }
            }

            stage = ConnectionRefusal.FirstBytes;
            if (peeks)
            {
                if (readsProxyHeader) expiry.CancelAfter(limits.KeepAliveTimeout);
                SawHttp2Preface = await PeekPrefaceAsync(expiry, either.Token);
            }

            Early = input.Memory.ToArray();
            return null;
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Too slow, or gone.
            return stage;
        }
        finally
        {
            input.Release(abandon: false);
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
        while (true)
        {
            var isOver = !await ReceiveAsync(cancel);
            var header = ProxyProtocolHeader.Parse(input.Span);
            if (header.Outcome == ProxyProtocolOutcome.Incomplete && !isOver) continue;
            input.Consume(header.Length);
            return header;
        }
    }

    private async ValueTask<bool> PeekPrefaceAsync(CancellationTokenSource expiry, CancellationToken cancel)
    {
        var began = false;
        while (true)
        {
            if (Http2Preface.Match(input.Span) is { } verdict) return verdict;
            if (!began && input.Length > 0)
            {
                began = true;
                expiry.CancelAfter(rules.Options.Limits.HeaderTimeout);
            }

            if (!await ReceiveAsync(cancel)) return false;
        }
    }

    // A connection that says nothing holds no memory.
    private async ValueTask<bool> ReceiveAsync(CancellationToken cancel)
    {
        if (input.Length == 0) await connection.WaitForInputAsync(cancel);
        var length = await connection.ReceiveAsync(input.Room(MostHeld), cancel);
        input.Commit(length);
        return length > 0;
    }
}
