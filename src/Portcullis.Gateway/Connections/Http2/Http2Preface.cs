namespace Portcullis.Gateway.Connections.Http2;

/// <summary>Recognises the first octets of an HTTP/2 client (RFC 9113 §3.4).</summary>
internal static class Http2Preface
{
    public static ReadOnlySpan<byte> Whole => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>The part that no HTTP/1.1 request can begin with.</summary>
    private static ReadOnlySpan<byte> Opening => Whole[..16];

    /// <summary>True or false once the octets tell; null while they are a prefix of the preface.</summary>
    public static bool? Match(ReadOnlySpan<byte> octets)
    {
        var length = Math.Min(octets.Length, Opening.Length);
        if (!Opening.StartsWith(octets[..length])) return false;
        return length == Opening.Length ? true : null;
    }
}
