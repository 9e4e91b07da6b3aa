using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Connections.Http2;

/// <summary>
/// Counts what costs the gateway work and brings an HTTP/2 client nothing, and says when there is too much of it (RFC 9113 §10.5).
/// </summary>
/// <remarks>
/// WINDOW_UPDATE is not counted: honest clients send many, and one costs little more than its octets. Not thread safe: belongs to the reader of
/// one connection; only <see cref="CountSent"/> may be called from elsewhere.
/// </remarks>
internal sealed class FloodWatch
{
    private const int PingReplyBytes = 17;
    private const int SettingsReplyBytes = 9;

    /// <summary>A CONTINUATION shorter than this is counted: fields that fill a frame of 16 KiB never need a small one but for the last.</summary>
    private const int SmallContinuation = 1024;

    /// <summary>Octets of real answers that earn one control frame: clients that measure the path send a PING for each piece of data they get.</summary>
    private const int BytesForOneControlFrame = 16;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly TimeProvider time;
    private long windowStart;
    private int opened;
    private int resets;
    private int control;
    private int empty;
    private long replyBytes;
    private long sentBytes;
    private long sentBefore;

    public FloodWatch(TimeProvider time)
    {
        this.time = time;
        windowStart = time.GetTimestamp();
    }

    /// <summary>Counts octets that were sent to the client. One at a time.</summary>
    public void CountSent(int octets) => Volatile.Write(ref sentBytes, sentBytes + octets);

    public void CountOpened() => opened++;

    /// <summary>
    /// A stream that ended by the client's doing: reset by it, or by us for what it sent, which costs the same (CVE-2023-44487, CVE-2025-8671).
    /// </summary>
    public void CountReset() => resets++;

    public void CountSettings()
    {
        control++;
        replyBytes += SettingsReplyBytes;
    }

    public void CountPing()
    {
        control++;
        replyBytes += PingReplyBytes;
    }

    /// <summary>PRIORITY, answers nobody asked for, and extensions.</summary>
    public void CountIdle() => control++;

    /// <summary>DATA that holds nothing and ends nothing.</summary>
    public void CountEmptyData() => empty++;

    public void CountContinuation(int length)
    {
        if (length < SmallContinuation) empty++;
    }

    /// <summary>What the client floods with, in the words of the log; null while it stays within its limits.</summary>
    public string? FindFlood(Http2Limits limits)
    {
        var flood = Exceeded(limits);
        if (flood is null) return null;

        // The clock is read only here: a client that reached a limit slowly starts a new window.
        var now = time.GetTimestamp();
        if (time.GetElapsedTime(windowStart, now) < Window) return flood;
        windowStart = now;
        opened = resets = control = empty = 0;
        replyBytes = 0;
        sentBefore = Volatile.Read(ref sentBytes);
        return null;
    }

    private string? Exceeded(Http2Limits limits)
    {
        if (resets > limits.Resets && resets > limits.Resets + (opened / 4)) return "streams reset";
        if (empty > limits.EmptyFrames && empty > limits.EmptyFrames + opened) return "empty DATA or CONTINUATION frames";
        if (control <= limits.ControlFrames) return null;
        var earned = Math.Max(0, Volatile.Read(ref sentBytes) - sentBefore - replyBytes) / BytesForOneControlFrame;
        return control > limits.ControlFrames + earned ? "SETTINGS, PING, PRIORITY or unknown frames" : null;
    }
}
