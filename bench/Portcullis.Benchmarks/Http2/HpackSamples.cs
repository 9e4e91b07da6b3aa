using System.Text;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.Connections.Http2.Hpack;

namespace Portcullis.Benchmarks.Http2;

/// <summary>Requests as clients send them, and a response as the gateway does, on one connection on which they have been sent before.</summary>
internal sealed class HpackSamples : IFieldSink
{
    private static readonly (string Name, string Value)[] BrowserFields =
    [
        ("sec-ch-ua", "\"Chromium\";v=\"140\", \"Not=A?Brand\";v=\"24\""), ("sec-ch-ua-mobile", "?0"), ("sec-ch-ua-platform", "\"Linux\""),
        ("user-agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"),
        ("accept", "application/json"), ("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty"),
        ("referer", "https://app.example.com/orders"), ("accept-encoding", "gzip, deflate, br, zstd"), ("accept-language", "en-GB,en;q=0.9"),
        ("cookie", "session=0123456789abcdef0123456789abcdef"), ("priority", "u=1, i"),
    ];

    private readonly HpackDecoder decoder = new(HpackDecoder.InitialTableSize);
    private readonly HpackEncoder encoder = new();
    private readonly OutputBuffer output = new();
    private readonly byte[] browser;
    private readonly byte[] load;
    private readonly byte[] literals;

    public HpackSamples()
    {
        // Authority and all of the browser's fields come into the table: the last has the index 62.
        Read([.. Added(":authority", "app.example.com"), .. BrowserFields.SelectMany(static field => Added(field.Name, field.Value))]);
        var authority = (byte)(0x80 | (62 + BrowserFields.Length));
        byte[] path = [0x04, .. Text("/api/orders/17/lines?expand=all")];
        browser = [0x82, authority, 0x87, .. path, .. Enumerable.Range(0, BrowserFields.Length).Select(i => (byte)(authority - 1 - i))];
        load = [0x82, 0x87, authority, .. path, (byte)(authority - 4)];
        literals = [0x82, 0x87, authority, .. path, .. BrowserFields.SelectMany(static field => Literal(field.Name, field.Value))];
    }

    /// <summary>What the sink counted last.</summary>
    public long Octets { get; private set; }

    public bool TakeText(in FieldName name, string value, bool isValueValid)
    {
        Octets += HpackEntry.Size(name.Text.Length, value.Length);
        return name.IsValid && isValueValid;
    }

    public bool TakeOctets(in FieldName name, ReadOnlySpan<byte> value)
    {
        Octets += HpackEntry.Size(name.Text.Length, value.Length);
        return name.IsValid;
    }

    /// <summary>17 fields, all but the path from tables.</summary>
    public void DecodeBrowser() => Read(browser);

    /// <summary>Five fields, all but the path from tables.</summary>
    public void DecodeLoad() => Read(load);

    /// <summary>17 fields, all but three literals in Huffman code, as clients without a table send them.</summary>
    public void DecodeLiterals() => Read(literals);

    /// <summary>A response with 8 security fields.</summary>
    public int EncodeResponse()
    {
        output.Clear();
        encoder.Begin(output);
        encoder.WriteStatus(200);
        encoder.Write("Content-Type", "application/json; charset=utf-8"u8);
        encoder.Write("Content-Length", "1024"u8);
        encoder.Write("Date", "Sun, 06 Nov 1994 08:49:37 GMT"u8);
        encoder.Write("Strict-Transport-Security", "max-age=31536000; includeSubDomains");
        encoder.Write("X-Content-Type-Options", "nosniff");
        encoder.Write("X-Frame-Options", "DENY");
        encoder.Write("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
        encoder.Write("Referrer-Policy", "no-referrer");
        encoder.Write("Permissions-Policy", "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()");
        encoder.Write("Cross-Origin-Opener-Policy", "same-origin");
        encoder.Write("Cross-Origin-Resource-Policy", "same-origin");
        encoder.Write("X-Request-Id", "4bf92f3577b34da6a3ce929d0e0e4736");
        return output.Length;
    }

    private static byte[] Added(string name, string value) => [0x40, .. Text(name), .. Text(value)];

    private static byte[] Literal(string name, string value) => [0x00, .. Text(name), .. Text(value)];

    private static byte[] Text(string text)
    {
        var octets = new byte[HpackString.MostLength(text.Length)];
        return octets[..HpackString.WriteShorter(octets, Encoding.ASCII.GetBytes(text))];
    }

    private void Read(byte[] block)
    {
        Octets = 0;
        if (decoder.Decode(block, this) is { } error) throw new InvalidOperationException(error);
    }
}
