using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Connections.Http2;

/// <summary>
/// Counts the frames of one HTTP/2 client that cost a server work and bring it nothing, looking at frame headers only (RFC 9113 §4.1), and
/// says when there are too many (RFC 9113 §10.5). Whether the frames make sense is Kestrel's business.
/// </summary>
/// <remarks>
/// Kestrel 10 by itself cuts resets of requests that are still being handled and CONTINUATION that carries fields; it takes 20,000 and more
/// of these without a word: resets of requests already answered, SETTINGS, PING, PRIORITY, unknown frames, empty DATA, padding-only DATA,
/// empty CONTINUATION. WINDOW_UPDATE is not counted: honest clients send many, and one costs little more than its octets.
/// Not thread safe: belongs to the reader of one connection; only <see cref="CountSent"/> may be called from elsewhere.
/// </remarks>
internal sealed class Http2FrameWatch
{
    private const int HeaderBytes = 9;
    private const int PrefaceBytes = 24;
    private const int PingReplyBytes = 17;
    private const int SettingsReplyBytes = 9;

    /// <summary>A CONTINUATION shorter than this is counted: fields that fill a frame of 16 KiB never need a small one but for the last.</summary>
    private const int SmallContinuation = 1024;

    /// <summary>Octets of real answers that earn one control frame: clients that measure the path send a PING for each piece of data they get.</summary>
    private const int BytesForOneControlFrame = 16;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly TimeProvider time;
    private HeaderBuffer partial;
    private int partialLength;
    private long payloadLeft = PrefaceBytes;
    private int paddedLength = -1;

    private long windowStart;
    private int opened;
    private int resets;
    private int control;
    private int empty;
    private long replyBytes;
    private long sentBytes;
    private long sentBefore;

    public Http2FrameWatch(TimeProvider time)
    {
        this.time = time;
        windowStart = time.GetTimestamp();
    }

    /// <summary>Counts octets that were sent to the client.</summary>
    public void CountSent(int bytes) => Volatile.Write(ref sentBytes, sentBytes + bytes);

    /// <summary>Takes further octets from the client.</summary>
    public void Scan(in ReadOnlySequence<byte> octets)
    {
        if (octets.IsSingleSegment)
        {
            Scan(octets.FirstSpan);
            return;
        }

        foreach (var segment in octets) Scan(segment.Span);
    }

    /// <summary>Takes further octets from the client.</summary>
    public void Scan(ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            if (payloadLeft > 0)
            {
                if (paddedLength >= 0)
                {
                    // RFC 9113 §6.1: the first octet says how many of the rest are padding.
                    if (octets[0] == paddedLength - 1) empty++;
                    paddedLength = -1;
                }

                var skipped = (int)Math.Min(payloadLeft, octets.Length);
                payloadLeft -= skipped;
                octets = octets[skipped..];
            }
            else if (partialLength == 0 && octets.Length >= HeaderBytes)
            {
                Count(octets);
                octets = octets[HeaderBytes..];
            }
            else
            {
                partial[partialLength++] = octets[0];
                octets = octets[1..];
                if (partialLength < HeaderBytes) continue;
                partialLength = 0;
                Count(partial);
            }
        }
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

    private void Count(ReadOnlySpan<byte> header)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(header) >>> 8;
        var flags = header[4];
        payloadLeft = length;
        switch (header[3])
        {
            case 0x0: // DATA
                const int endStream = 0x1, padded = 0x8;
                if ((flags & endStream) != 0) break;
                if (length == 0) empty++;
                else if ((flags & padded) != 0) paddedLength = length;
                break;
            case 0x1: // HEADERS
                opened++;
                break;
            case 0x3: // RST_STREAM
                resets++;
                break;
            case 0x4: // SETTINGS
                control++;
                replyBytes += SettingsReplyBytes;
                break;
            case 0x5 or 0x7 or 0x8: // PUSH_PROMISE is an error, GOAWAY comes once, WINDOW_UPDATE: see above
                break;
            case 0x6: // PING
                control++;
                replyBytes += PingReplyBytes;
                break;
            case 0x9: // CONTINUATION
                if (length < SmallContinuation) empty++;
                break;
            default: // PRIORITY, PRIORITY_UPDATE, extensions
                control++;
                break;
        }
    }

    [InlineArray(HeaderBytes)]
    private struct HeaderBuffer
    {
        private byte first;
    }
}
