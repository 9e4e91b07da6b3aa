using Microsoft.Extensions.Logging;

namespace Portcullis.Gateway.Connections.Http2;

/// <summary>Counts the floods on one listener and tells of them: one line a second, since a client makes each for a few octets. Thread safe.</summary>
internal sealed class FloodLog(ListenerServices services, ConnectionCounters counters, ILogger logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private long last;

    public void Cut(ClientConnection client, string flood)
    {
        counters.CountRefused(ConnectionRefusal.Http2Flood);
        var now = services.Time.GetTimestamp();
        var before = Volatile.Read(ref last);
        if (before != 0 && services.Time.GetElapsedTime(before, now) < Pause) return;
        if (Interlocked.CompareExchange(ref last, now, before) == before)
            ConnectionLog.FloodCut(logger, client.Rules.Listener, services.Addresses.Show(client.Client.Address), flood);
    }
}
