using System.Buffers;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Primitives;

namespace Portcullis.Gateway.Routing;

/// <summary>
/// The host a request is for, from <c>Host</c> or <c>:authority</c>, in its normal form: lower case, without port and trailing dot,
/// IPv6 addresses in brackets and in the form of RFC 5952. <c>default</c> is the missing host, which matches only routes for any host.
/// Nothing is allocated for a name that is already normal, with or without a port.
/// </summary>
public readonly struct HostName
{
    /// <summary>RFC 1035 section 2.3.4: 253 characters without the trailing dot.</summary>
    public const int MaximumLength = 253;

    private const int MaximumLabelLength = 63;

    private static readonly SearchValues<char> NormalName = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_.");
    private static readonly SearchValues<char> AnyName = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    private static readonly SearchValues<char> Address = SearchValues.Create("0123456789abcdefABCDEF:.");

    private readonly string? text;
    private readonly int length;

    private HostName(string text, int length, int port)
    {
        this.text = text;
        this.length = length;
        Port = port;
    }

    /// <summary>The normalised name or address without port; empty when the request names no host.</summary>
    public ReadOnlySpan<char> Name => text.AsSpan(0, length);

    /// <summary>The port that was written, 0 when none was.</summary>
    public int Port { get; }

    /// <summary>Whether the request names no host.</summary>
    public bool IsMissing => length == 0;

    /// <summary>Reads the Host fields of a request: exactly one is accepted (RFC 9112 section 3.2).</summary>
    public static bool TryNormalise(in StringValues values, out HostName host, out TargetRule broken)
    {
        if (values.Count > 1)
        {
            host = default;
            broken = TargetRule.HostRepeated;
            return false;
        }

        return TryNormalise(values.Count == 0 ? null : values[0], out host, out broken);
    }

    /// <summary>Reads one Host value. On refusal <paramref name="host"/> is the missing host and <paramref name="broken"/> names the rule.</summary>
    public static bool TryNormalise(string? value, out HostName host, out TargetRule broken)
    {
        host = default;
        if (string.IsNullOrEmpty(value))
        {
            broken = TargetRule.HostMissing;
            return false;
        }

        // 1. Cut the port off.
        var name = value.AsSpan();
        var port = 0;
        var bracket = name[0] == '[' ? name.IndexOf(']') : -1;
        if (name[0] == '[' && bracket < 0)
        {
            broken = TargetRule.HostMalformed;
            return false;
        }

        var colon = name[(bracket + 1)..].IndexOf(':');
        if (colon >= 0)
        {
            colon += bracket + 1;
            if (!TryParsePort(name[(colon + 1)..], out port))
            {
                broken = TargetRule.HostPort;
                return false;
            }

            name = name[..colon];
        }

        // 2. An address in brackets, or a name.
        broken = TargetRule.HostMalformed;
        if (name.Length > 0 && name[0] == '[')
        {
            if (bracket != name.Length - 1 || !TryNormaliseAddress(name[1..^1], out var address))
                return false;

            host = name.SequenceEqual(address) ? new HostName(value, name.Length, port) : new HostName(address, address.Length, port);
            broken = TargetRule.None;
            return true;
        }

        if (name.EndsWith('.'))
            name = name[..^1];
        if (!IsName(name))
            return false;

        host = name.ContainsAnyExcept(NormalName)
            ? new HostName(Lower(name), name.Length, port)
            : new HostName(value, name.Length, port);
        broken = TargetRule.None;
        return true;
    }

    /// <summary>Whether both mean the same authority, a missing port being <paramref name="defaultPort"/>.</summary>
    public bool IsSameAuthority(in HostName other, int defaultPort) =>
        !IsMissing
        && Name.SequenceEqual(other.Name)
        && (Port == 0 ? defaultPort : Port) == (other.Port == 0 ? defaultPort : other.Port);

    /// <summary>Name and written port in normal form; <paramref name="sent"/> itself, from which this was read, where that is normal already.</summary>
    public string Authority(string sent)
    {
        if (ReferenceEquals(text, sent) && (sent.Length == length || sent[length] == ':')) return sent;
        return Port == 0 ? Name.ToString() : string.Create(CultureInfo.InvariantCulture, $"{Name}:{Port}");
    }

    /// <summary>The name, allocated.</summary>
    public override string ToString() => Name.ToString();

    private static bool TryParsePort(ReadOnlySpan<char> text, out int port)
    {
        port = 0;
        if (text.Length is 0 or > 5 || text[0] == '0')
            return false;

        foreach (var digit in text)
        {
            if (!char.IsAsciiDigit(digit))
                return false;
            port = (port * 10) + (digit - '0');
        }

        return port <= 65535;
    }

    private static bool TryNormaliseAddress(ReadOnlySpan<char> text, out string bracketed)
    {
        bracketed = "";

        // The alphabet keeps out zones (RFC 6874) and whatever else the parser is lenient about.
        if (text.Length is < 2 or > 45 || text.ContainsAnyExcept(Address) || !text.Contains(':') || !IPAddress.TryParse(text, out var address))
            return false;

        bracketed = $"[{address}]";
        return true;
    }

    private static bool IsName(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > MaximumLength || name.ContainsAnyExcept(AnyName))
            return false;

        var rest = name;
        while (true)
        {
            var dot = rest.IndexOf('.');
            var label = dot < 0 ? rest : rest[..dot];
            if (label.Length is 0 or > MaximumLabelLength || label[0] == '-' || label[^1] == '-')
                return false;
            if (dot < 0)
                return !LooksLikeNumber(label) || IsDottedQuad(name);
            rest = rest[(dot + 1)..];
        }
    }

    /// <summary>
    /// A name whose last label is a number is an IPv4 address to resolvers, in one of many spellings (127.1, 0x7f000001, 2130706433);
    /// only the plain dotted form is accepted, so that one address has one name.
    /// </summary>
    private static bool LooksLikeNumber(ReadOnlySpan<char> label) =>
        !label.ContainsAnyExceptInRange('0', '9') || label.StartsWith("0x", StringComparison.OrdinalIgnoreCase);

    private static bool IsDottedQuad(ReadOnlySpan<char> name)
    {
        var parts = 0;
        foreach (var range in name.Split('.'))
        {
            var part = name[range];
            if (++parts > 4 || part.Length > 3 || (part.Length > 1 && part[0] == '0'))
                return false;
            if (!byte.TryParse(part, System.Globalization.NumberStyles.None, provider: null, out _))
                return false;
        }

        return parts == 4;
    }

    private static string Lower(ReadOnlySpan<char> name) =>
        string.Create(name.Length, name, static (span, source) => source.ToLowerInvariant(span));
}
