using Portcullis.Gateway.EventLoops;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>Sends to one client, who is given up by the session's timer where it does not take what is sent.</summary>
internal sealed class PacedSender(ClientSessions sessions, Wire wire, SessionTimer timer)
{
    /// <summary>Sends. The client must take it at the least rate.</summary>
    public ValueTask SendAsync(ReadOnlyMemory<byte> octets) => AwaitAsync(wire.SendAsync(octets), octets.Length, isBrief: false);

    /// <summary>Sends what is so little that the client must take it in a time of its own, also where there is no least rate.</summary>
    public ValueTask SendBriefAsync(ReadOnlyMemory<byte> octets) => AwaitAsync(wire.SendAsync(octets), octets.Length, isBrief: true);

    /// <summary>Ends the sending half properly.</summary>
    public ValueTask EndAsync() => AwaitAsync(wire.EndSendingAsync(), 0, isBrief: true);

    private ValueTask AwaitAsync(ValueTask sending, int octets, bool isBrief)
    {
        if (sending.IsCompletedSuccessfully) return default;
        var rate = sessions.Limits.MinimumResponseRate;
        if (isBrief || rate > 0) timer.AwaitSending(octets, rate);
        return AwaitAsync(sending);
    }

    private async ValueTask AwaitAsync(ValueTask sending)
    {
        try
        {
            await sending;
        }
        finally
        {
            timer.EndSending();
        }
    }
}
