using System.Net;
using System.Text;

namespace Portcullis.Waf.Engine;

/// <summary>The address that was read last: many rules, and many requests of one client, ask for the same.</summary>
internal sealed class ReadAddress
{
    private const int MaximumLength = 64;

    private readonly byte[] text = new byte[MaximumLength];
    private int length;
    private IPAddress? address;

    /// <summary>The address that a text is, IPv4 within IPv6 as IPv4; null if it is none.</summary>
    public IPAddress? Read(ReadOnlySpan<byte> value)
    {
        if (value.Length > MaximumLength || !IsPlain(value)) return null;
        if (value.SequenceEqual(text.AsSpan(0, length))) return address;

        Span<char> characters = stackalloc char[MaximumLength];
        var isAddress = IPAddress.TryParse(characters[..Encoding.Latin1.GetChars(value, characters)], out address);
        if (isAddress && address!.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        value.CopyTo(text);
        length = value.Length;
        return address;
    }

    /// <summary>
    /// Whether a text has the form that inet_pton reads: no brackets, zone or port, and IPv4 in four decimal parts. The platform also reads 0x7f.1 and the like.
    /// </summary>
    public static bool IsPlain(ReadOnlySpan<byte> value)
    {
        if (value.Contains((byte)':')) return !value.ContainsAny((byte)'[', (byte)']', (byte)'%');
        var (dots, digits) = (0, 0);
        for (var at = 0; at < value.Length; at++)
        {
            if (value[at] == '.')
            {
                dots++;
                digits = 0;
            }
            else if ((uint)(value[at] - '0') > 9 || (++digits > 1 && value[at - digits + 1] == '0'))
            {
                return false;
            }
        }

        return dots == 3;
    }
}
