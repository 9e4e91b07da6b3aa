using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Numerics;
using System.Text;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Connections.Addresses;

/// <summary>
/// A PROXY protocol header (haproxy.org, proxy-protocol.txt), version 1 or 2: what a proxy says about the connection that it relays.
/// Parsing is pure, reads no more than <see cref="MaximumBytes"/> and never throws.
/// </summary>
/// <param name="Outcome">What was found.</param>
/// <param name="Length">Octets that the header takes; 0 unless it is present.</param>
/// <param name="Source">The client; null where the header names none (<c>LOCAL</c>, <c>UNKNOWN</c>, unspecified family).</param>
public readonly record struct ProxyProtocolHeader(ProxyProtocolOutcome Outcome, int Length, IPEndPoint? Source)
{
    /// <summary>Longest header accepted. The format allows 64 KiB of TLVs; real ones stay well under one KiB.</summary>
    public const int MaximumBytes = 4096;

    /// <summary>Longest version 1 header, line end included (§2.1).</summary>
    private const int MaximumV1Bytes = 107;

    private const int V2FixedBytes = 16;
    private const byte TlvCrc32C = 0x03;

    private static readonly ProxyProtocolHeader Invalid = new(ProxyProtocolOutcome.Invalid, 0, null);
    private static readonly ProxyProtocolHeader Incomplete = new(ProxyProtocolOutcome.Incomplete, 0, null);
    private static readonly ProxyProtocolHeader Absent = new(ProxyProtocolOutcome.Absent, 0, null);

    private static ReadOnlySpan<byte> V1Signature => "PROXY "u8;

    private static ReadOnlySpan<byte> V2Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>Parses the start of a connection.</summary>
    public static ProxyProtocolHeader Parse(in ReadOnlySequence<byte> octets)
    {
        if (octets.IsSingleSegment) return Parse(octets.FirstSpan);
        Span<byte> copy = stackalloc byte[MaximumBytes];
        var length = (int)Math.Min(octets.Length, copy.Length);
        octets.Slice(0, length).CopyTo(copy);
        return Parse(copy[..length]);
    }

    /// <summary>Parses the start of a connection.</summary>
    public static ProxyProtocolHeader Parse(ReadOnlySpan<byte> octets)
    {
        if (StartsLike(octets, V2Signature)) return octets.Length < V2FixedBytes ? Incomplete : ParseV2(octets);
        if (StartsLike(octets, V1Signature)) return octets.Length < V1Signature.Length ? Incomplete : ParseV1(octets);
        return Absent;
    }

    private static bool StartsLike(ReadOnlySpan<byte> octets, ReadOnlySpan<byte> signature)
        => octets.Length >= signature.Length ? octets.StartsWith(signature) : signature.StartsWith(octets);

    // §2.1: "PROXY" SP ("TCP4" | "TCP6") SP source SP destination SP source port SP destination port CRLF
    private static ProxyProtocolHeader ParseV1(ReadOnlySpan<byte> octets)
    {
        var end = octets[..Math.Min(octets.Length, MaximumV1Bytes)].IndexOf("\r\n"u8);
        if (end < 0) return octets.Length >= MaximumV1Bytes ? Invalid : Incomplete;

        var length = end + 2;
        var line = octets[V1Signature.Length..end];
        if (line.StartsWith("UNKNOWN"u8) && (line.Length == 7 || line[7] == ' ')) return new(ProxyProtocolOutcome.Present, length, null);
        if (!Ascii.IsValid(line)) return Invalid;

        Span<char> text = stackalloc char[MaximumV1Bytes];
        text = text[..Encoding.ASCII.GetChars(line, text)];
        Span<Range> parts = stackalloc Range[6];
        if (MemoryExtensions.Split(text, parts, ' ') != 5) return Invalid;

        var wantsV4 = text[parts[0]] is "TCP4";
        if (!wantsV4 && text[parts[0]] is not "TCP6") return Invalid;
        if (!TryParseV1(text[parts[1]], text[parts[3]], wantsV4, out var source)) return Invalid;
        if (!TryParseV1(text[parts[2]], text[parts[4]], wantsV4, out _)) return Invalid;
        return new(ProxyProtocolOutcome.Present, length, source);
    }

    private static bool TryParseV1(ReadOnlySpan<char> address, ReadOnlySpan<char> port, bool wantsV4, out IPEndPoint? endPoint)
    {
        endPoint = null;
        if (!Cidr.TryParseAddress(address, out var parsed) || address.Contains(':') == wantsV4) return false;
        if (port.Length > 1 && port[0] == '0') return false;
        if (!ushort.TryParse(port, System.Globalization.NumberStyles.None, null, out var number)) return false;
        endPoint = new IPEndPoint(Cidr.Unmap(parsed), number);
        return true;
    }

    // §2.2: signature, version and command, family and transport, length of what follows, addresses, TLVs
    private static ProxyProtocolHeader ParseV2(ReadOnlySpan<byte> octets)
    {
        int version = octets[12] >> 4, command = octets[12] & 0x0F;
        if (version != 2 || command > 1) return Invalid;

        var length = V2FixedBytes + BinaryPrimitives.ReadUInt16BigEndian(octets[14..]);
        if (length > MaximumBytes) return Invalid;
        if (octets.Length < length) return Incomplete;

        var header = octets[..length];
        int family = header[13] >> 4, transport = header[13] & 0x0F;
        var isLocal = command == 0;
        var addressBytes = (family, transport) switch
        {
            (0, 0) => 0,
            (1, 1) => 12,
            (2, 1) => 36,
            _ when isLocal => -1, // the proxy's own connection: family and addresses are to be ignored, whatever they say
            _ => -2, // datagrams and UNIX sockets don't reach a TCP listener
        };
        if (addressBytes == -2) return Invalid;
        if (addressBytes == -1) return new(ProxyProtocolOutcome.Present, length, null);

        var body = header[V2FixedBytes..];
        if (body.Length < addressBytes || !TlvsAreValid(header, V2FixedBytes + addressBytes)) return Invalid;
        if (isLocal || addressBytes == 0) return new(ProxyProtocolOutcome.Present, length, null);

        var size = family == 1 ? 4 : 16;
        return new(ProxyProtocolOutcome.Present, length, EndPointAt(body, 0, size, 2 * size));
    }

    private static IPEndPoint EndPointAt(ReadOnlySpan<byte> body, int address, int size, int port)
        => new(Cidr.Unmap(new IPAddress(body.Slice(address, size))), BinaryPrimitives.ReadUInt16BigEndian(body[port..]));

    // §2.2.3: type, two octets of length, value. Their contents don't matter here, but that they fit and that a checksum holds does.
    private static bool TlvsAreValid(ReadOnlySpan<byte> header, int start)
    {
        for (var at = start; at < header.Length;)
        {
            if (header.Length - at < 3) return false;
            var size = BinaryPrimitives.ReadUInt16BigEndian(header[(at + 1)..]);
            if (header.Length - at - 3 < size) return false;
            if (header[at] == TlvCrc32C && (size != 4 || !ChecksumHolds(header, at + 3))) return false;
            at += 3 + size;
        }

        return true;
    }

    private static bool ChecksumHolds(ReadOnlySpan<byte> header, int checksumAt)
    {
        var crc = uint.MaxValue;
        for (var i = 0; i < header.Length; i++)
            crc = BitOperations.Crc32C(crc, i >= checksumAt && i < checksumAt + 4 ? (byte)0 : header[i]);
        return ~crc == BinaryPrimitives.ReadUInt32BigEndian(header[checksumAt..]);
    }
}
