using System.Buffers.Binary;
using System.Globalization;
using Microsoft.Net.Http.Headers;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections.Http2.Hpack;
using Portcullis.Gateway.Fields;
using Portcullis.Gateway.Forwarding;

namespace Portcullis.Gateway.Connections.Http2;

/// <summary>Writes frames, one behind the other, into memory that then leaves in one write (RFC 9113 §4, §6). Not thread safe.</summary>
internal sealed class FrameWriter(DateField date)
{
    /// <summary>Larger frames gain nothing: a TLS record holds no more.</summary>
    private const int UsualFrame = 16 * 1024;

    private readonly HpackEncoder encoder = new();
    private readonly OutputBuffer block = new();
    private OutputBuffer held = new();
    private OutputBuffer leaving = new();

    /// <summary>Largest payload of a frame: what the client takes, up to 16 KiB.</summary>
    public int FrameSize { get; private set; } = UsualFrame;

    /// <summary>Octets written and not taken.</summary>
    public int Length => held.Length;

    /// <summary>Octets that have not left.</summary>
    public int Held => held.Length + leaving.Length;

    /// <summary>Counts what was taken: a frame that was written in this round can still be changed.</summary>
    public long Round { get; private set; }

    /// <summary>Takes over what the client wants of frames and field blocks.</summary>
    public void Adopt(in PeerSettings settings)
    {
        if (settings.HeaderTableSize is { } table) encoder.SetMaximumTableSize(table);
        if (settings.MaxFrameSize is { } size) FrameSize = Math.Min(size, UsualFrame);
    }

    /// <summary>The server's preface (RFC 9113 §3.4).</summary>
    public void WriteSettings(ListenerLimits limits)
    {
        ReadOnlySpan<(SettingName Name, long Value)> settings =
        [
            (SettingName.HeaderTableSize, limits.Http2.HeaderTableBytes),
            (SettingName.MaxConcurrentStreams, limits.Http2.MaxStreams),
            (SettingName.InitialWindowSize, limits.Http2.StreamWindowBytes),
            (SettingName.MaxFrameSize, limits.Http2.FrameBytes),
            (SettingName.MaxHeaderListSize, limits.HeaderBytes),
            (SettingName.EnableConnectProtocol, 1),
        ];
        var payload = Begin(settings.Length * 6, FrameType.Settings, FrameFlags.None, 0);
        foreach (var (name, value) in settings)
        {
            BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)name);
            BinaryPrimitives.WriteUInt32BigEndian(payload[2..], (uint)value);
            payload = payload[6..];
        }

        var more = limits.Http2.ConnectionWindowBytes - PeerSettings.InitialWindow;
        if (more > 0) WriteWindow(0, (int)more);
    }

    public void WriteSettingsReply() => Begin(0, FrameType.Settings, FrameFlags.Ack, 0);

    public void WritePingReply(ReadOnlySpan<byte> payload) => payload.CopyTo(Begin(payload.Length, FrameType.Ping, FrameFlags.Ack, 0));

    public void WriteReset(int stream, ErrorCode code)
        => BinaryPrimitives.WriteUInt32BigEndian(Begin(sizeof(uint), FrameType.RstStream, FrameFlags.None, stream), (uint)code);

    /// <summary>Lets the client send more.</summary>
    /// <param name="stream">0: on the connection.</param>
    /// <param name="more">Octets, more than 0.</param>
    public void WriteWindow(int stream, int more)
        => BinaryPrimitives.WriteInt32BigEndian(Begin(sizeof(uint), FrameType.WindowUpdate, FrameFlags.None, stream), more);

    public void WriteGoAway(int last, ErrorCode code)
    {
        var payload = Begin(8, FrameType.GoAway, FrameFlags.None, 0);
        BinaryPrimitives.WriteInt32BigEndian(payload, last);
        BinaryPrimitives.WriteUInt32BigEndian(payload[4..], (uint)code);
    }

    /// <summary>Writes the head of a response. Nothing is checked here any more: the encoder's table must not differ from the client's.</summary>
    /// <returns>Where its frame begins.</returns>
    public int WriteHead(int stream, int status, FieldTable fields)
    {
        encoder.Begin(block);
        encoder.WriteStatus(status);
        foreach (ref readonly var field in fields.Fields)
        {
            // RFC 9113 §8.2.2.
            if (EndToEnd.IsConnectionSpecific(field.Name)) continue;
            if (field.HasOctets)
            {
                encoder.Write(field.Name, fields.OctetsOf(field));
                continue;
            }

            foreach (var value in fields.ValueOf(field)) encoder.Write(field.Name, value ?? string.Empty);
        }

        if (fields.ContentLength is { } length)
        {
            Span<byte> digits = stackalloc byte[20];
            length.TryFormat(digits, out var count, default, CultureInfo.InvariantCulture);
            encoder.Write(HeaderNames.ContentLength, digits[..count]);
        }

        if (!fields.ContainsKey(HeaderNames.Date)) encoder.Write(HeaderNames.Date, date.Value);
        return WriteBlock(stream, FrameFlags.None);
    }

    /// <summary>Tells a client that waits for it to send its body (RFC 9110 §10.1.1).</summary>
    public void WriteGoAhead(int stream)
    {
        encoder.Begin(block);
        encoder.WriteStatus(100);
        WriteBlock(stream, FrameFlags.None);
    }

    /// <summary>Writes trailer fields, which end the stream.</summary>
    public void WriteTrailers(int stream, FieldTable fields)
    {
        encoder.Begin(block);
        foreach (var (name, values) in fields)
        {
            foreach (var value in values) encoder.Write(name, value ?? string.Empty);
        }

        WriteBlock(stream, FrameFlags.EndStream);
    }

    /// <summary>Writes a frame of a body. Returns where it begins.</summary>
    public int WriteData(int stream, ReadOnlySpan<byte> octets)
    {
        var at = held.Length;
        octets.CopyTo(Begin(octets.Length, FrameType.Data, FrameFlags.None, stream));
        return at;
    }

    /// <summary>Ends a stream by an empty frame.</summary>
    public void WriteEnd(int stream) => Begin(0, FrameType.Data, FrameFlags.EndStream, stream);

    /// <summary>Ends a stream by a frame of it that has not been taken.</summary>
    /// <param name="frame">Where it begins in the present <see cref="Round"/>.</param>
    public void MarkEnd(int frame) => held.At(frame + FrameHeader.FlagsOffset) |= (byte)FrameFlags.EndStream;

    /// <summary>Takes all that is written; it stays until <see cref="ReleaseTaken"/>. Empty: there is nothing.</summary>
    public ReadOnlyMemory<byte> Take()
    {
        if (held.Length == 0) return default;
        (held, leaving) = (leaving, held);
        Round++;
        return leaving.Written;
    }

    /// <summary>What was taken has left.</summary>
    public void ReleaseTaken() => leaving.Release();

    /// <summary>Drops all, and gives the memory back.</summary>
    public void Release()
    {
        held.Release();
        Round++; // what was written can't be changed any more
    }

    private int WriteBlock(int stream, FrameFlags flags)
    {
        // RFC 9113 §4.3: nothing comes between the frames of one block.
        var at = held.Length;
        var left = block.Written.Span;
        var type = FrameType.Headers;
        do
        {
            var part = left[..Math.Min(left.Length, FrameSize)];
            left = left[part.Length..];
            if (left.IsEmpty) flags |= FrameFlags.EndHeaders;
            part.CopyTo(Begin(part.Length, type, flags, stream));
            flags &= ~FrameFlags.EndStream;
            type = FrameType.Continuation;
        }
        while (!left.IsEmpty);
        block.Release();
        return at;
    }

    /// <summary>Writes a frame's header; its payload is written to what is returned.</summary>
    private Span<byte> Begin(int length, FrameType type, FrameFlags flags, int stream)
    {
        var octets = held.Reserve(FrameHeader.Size + length);
        new FrameHeader(length, type, flags, stream).Write(octets);
        held.Advance(FrameHeader.Size + length);
        return octets.Slice(FrameHeader.Size, length);
    }
}
