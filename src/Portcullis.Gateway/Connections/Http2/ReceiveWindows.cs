using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Connections.Http2;

/// <summary>
/// What the client may still send (RFC 9113 §5.2). It gets room again for what was taken, once that is half a window: on its stream while it goes
/// on, and on the connection always, there at the latest when the client has no more room than that. Thread safe: under the session's lock.
/// </summary>
internal sealed class ReceiveWindows(Http2Session session, Http2Limits limits)
{
    private readonly long connectionWindow = limits.ConnectionWindowBytes;
    private readonly long streamWindow = limits.StreamWindowBytes;
    private long left = limits.ConnectionWindowBytes;
    private long owed;

    /// <summary>What each stream begins with.</summary>
    public long OfStream => streamWindow;

    /// <summary>Counts a DATA frame, padding included. Not null: the client had no room for it on the connection.</summary>
    /// <param name="stream">Null: a stream that is over.</param>
    /// <param name="length">Octets of payload.</param>
    /// <param name="fits">Whether there was room for it on the stream.</param>
    public ConnectionDefect? Take(Http2Stream? stream, int length, out bool fits)
    {
        lock (session.Gate)
        {
            fits = true;
            left -= length;
            if (left < 0) return new(ErrorCode.FlowControlError, "more DATA than the connection's window");
            if (stream is null) return null;
            stream.Body.Window -= length;
            fits = stream.Body.Window >= 0;
            return null;
        }
    }

    /// <summary>Gives room for octets that were taken.</summary>
    /// <param name="stream">Null: a stream that is over.</param>
    /// <param name="octets">How many.</param>
    public void Return(Http2Stream? stream, int octets)
    {
        var forConnection = 0;
        var forStream = 0;
        lock (session.Gate)
        {
            owed += octets;
            // What streams hold that nobody reads is not there for the others: less than half may be all they have.
            if (owed >= connectionWindow / 2 || owed >= left)
            {
                forConnection = (int)owed;
                left += owed;
                owed = 0;
            }

            if (stream is { IsRemoteEnded: false, IsReset: false, IsClosed: false } open && open.Body.Owe(octets) >= streamWindow / 2) forStream = open.Body.Repay();
        }

        if (forConnection > 0) session.Output.WriteWindow(0, forConnection);
        if (forStream > 0) session.Output.WriteWindow(stream!.Id, forStream);
    }
}
