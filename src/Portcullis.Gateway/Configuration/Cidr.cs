using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Portcullis.Gateway.Configuration;

/// <summary>
/// A block of addresses in CIDR form (RFC 4632, RFC 4291 §2.3): <c>10.0.0.0/8</c>, <c>2001:db8::/32</c>; a bare address is a block of one.
/// </summary>
/// <remarks>
/// IPv4-mapped IPv6 (<c>::ffff:0:0/96</c>) is the IPv4 address that it carries, whichever way it is written, so a dual-mode
/// socket can't be used to walk around a rule. <c>::/0</c> is all of IPv6 and no IPv4.
/// </remarks>
public readonly record struct Cidr : IParsable<Cidr>
{
    private Cidr(UInt128 first, int prefixLength, bool isV4)
    {
        First = first;
        PrefixLength = prefixLength;
        IsV4 = isV4;
    }

    /// <summary>Whether the block is one of IPv4.</summary>
    public bool IsV4 { get; }

    /// <summary>Leading bits that are fixed: 0–32 for IPv4, 0–128 for IPv6.</summary>
    public int PrefixLength { get; }

    /// <summary>The lowest address as a number; for IPv4 in the low 32 bits.</summary>
    internal UInt128 First { get; }

    /// <summary>The highest address as a number.</summary>
    internal UInt128 Last => First | HostMask(PrefixLength, IsV4);

    /// <summary>The same address in IPv4 form when it is an IPv4-mapped one, else unchanged.</summary>
    public static IPAddress Unmap(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>Whether the block holds the address. Allocates nothing.</summary>
    public bool Contains(IPAddress address)
    {
        var number = ToNumber(address, out var isV4);
        return isV4 == IsV4 && number >= First && number <= Last;
    }

    public static Cidr Parse(string s, IFormatProvider? provider)
        => TryParse(s, out var cidr, out var error) ? cidr : throw new FormatException(error);

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Cidr result) => TryParse(s, out result, out _);

    /// <summary>Parses a block. Refuses one with host bits set: <c>10.1.2.3/8</c> means two things, and the writer knows which.</summary>
    /// <param name="text">An address, or an address and a prefix length after <c>/</c>.</param>
    /// <param name="result">The block.</param>
    /// <param name="error">Why it was refused, for the person who wrote it.</param>
    public static bool TryParse(string? text, out Cidr result, [NotNullWhen(false)] out string? error)
    {
        result = default;
        error = "expected an address or a block such as 10.0.0.0/8 or 2001:db8::/32";
        if (text is null) return false;

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var addressText = slash < 0 ? text : text[..slash];
        if (!TryParseAddress(addressText, out var address)) return false;

        var number = ToNumber(address, out var isV4);
        var writtenAsV6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        var bits = writtenAsV6 ? 128 : 32;
        var prefix = bits;
        if (slash >= 0
            && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefix) || prefix > bits || HasLeadingZero(text.AsSpan(slash + 1))))
        {
            error = $"the prefix length must be a number from 0 to {bits}";
            return false;
        }

        if (isV4 && writtenAsV6)
        {
            if (prefix < 96)
            {
                error = "a block of IPv4-mapped addresses needs a prefix length of 96 or more; write it in IPv4 form";
                return false;
            }

            prefix -= 96;
        }

        var hostBits = HostMask(prefix, isV4);
        if ((number & hostBits) != 0)
        {
            error = $"the address has bits set beyond the prefix; did you mean {new Cidr(number & ~hostBits, prefix, isV4)}?";
            return false;
        }

        result = new Cidr(number, prefix, isV4);
        error = null;
        return true;
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, First);
        return string.Create(CultureInfo.InvariantCulture, $"{new IPAddress(IsV4 ? bytes[12..] : bytes)}/{PrefixLength}");
    }

    /// <summary>The address as a number; IPv4 and IPv4-mapped alike in the low 32 bits.</summary>
    internal static UInt128 ToNumber(IPAddress address, out bool isV4)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        if (length == 4)
        {
            isV4 = true;
            return BinaryPrimitives.ReadUInt32BigEndian(bytes);
        }

        var number = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        isV4 = number >> 32 == 0xFFFF;
        return isV4 ? (uint)number : number;
    }

    /// <summary>
    /// Parses an address strictly: four decimal octets without leading zeros, or IPv6 without zone or brackets.
    /// <see cref="IPAddress.TryParse(string?, out IPAddress?)"/> also takes <c>1</c>, <c>0x7f.1</c> and <c>010.0.0.1</c>, which mean
    /// different hosts to different programs.
    /// </summary>
    internal static bool TryParseAddress(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (text.Length is 0 or > 45) return false;
        if (text.Contains(':'))
            return !text.ContainsAny('%', '[', ']') && IPAddress.TryParse(text, out address) && address.AddressFamily == AddressFamily.InterNetworkV6;

        Span<byte> octets = stackalloc byte[4];
        var count = 0;
        foreach (var part in text.Split('.'))
        {
            var octet = text[part];
            if (count == 4 || HasLeadingZero(octet) || !byte.TryParse(octet, NumberStyles.None, CultureInfo.InvariantCulture, out octets[count])) return false;
            count++;
        }

        if (count != 4) return false;
        address = new IPAddress(octets);
        return true;
    }

    private static bool HasLeadingZero(ReadOnlySpan<char> digits) => digits.Length > 1 && digits[0] == '0';

    private static UInt128 HostMask(int prefixLength, bool isV4)
    {
        var hostBits = (isV4 ? 32 : 128) - prefixLength;
        return hostBits == 128 ? UInt128.MaxValue : (UInt128.One << hostBits) - 1;
    }
}
