using System.Globalization;
using System.Text;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.Connections.Http2.Hpack;

namespace Portcullis.Gateway.Tests.Connections.Http2.Hpack;

/// <summary>Whatever the encoder writes, with tables of any sizes that change between blocks, the decoder reads as it was.</summary>
public sealed class HpackRoundTripTests
{
    private static readonly string[] Names =
    [
        "Content-Type", "Content-Length", "Set-Cookie", "X-Frame-Options", "Cache-Control", "Vary", "Accept-Encoding", "x-own", "X-Other", "X-1-Z", "X-2-Z", "X-3-Z",
        "grpc-status", "Server", "Date", "A-Name-That-Nobody-Knows-And-That-Is-Rather-Long",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Any_responses_are_read_as_they_were_written(int seed)
    {
        var random = new Random(seed);
        var encoder = new HpackEncoder();
        var decoder = new HpackDecoder(4096);
        var output = new OutputBuffer();
        for (var block = 0; block < 3000; block++)
        {
            while (random.Next(40) == 0) encoder.SetMaximumTableSize((uint)(random.Next(3) == 0 ? 0 : random.Next(6000)));
            output.Clear();
            encoder.Begin(output);
            var status = random.Next(3) == 0 ? random.Next(100, 1000) : 200;
            encoder.WriteStatus(status);
            var expected = new List<string> { ":status: " + status.ToString(CultureInfo.InvariantCulture) };
            for (var count = random.Next(12); count > 0; count--)
            {
                var (name, value) = (Names[random.Next(Names.Length)], Value(random));
                expected.Add($"{name.ToLowerInvariant()}: {value}");
                if (random.Next(2) == 0) encoder.Write(name, value);
                else encoder.Write(name, Encoding.Latin1.GetBytes(value));
            }

            Assert.Equal(expected, FieldRecorder.Decode(decoder, output.Written.Span).Lines);
        }

        output.Release();
    }

    private static string Value(Random random) => random.Next(6) switch
    {
        0 => "",
        1 => "a",
        2 => new string((char)random.Next('a', 'e'), random.Next(3)),
        3 => new string('l', random.Next(2000)),
        4 => Encoding.Latin1.GetString([.. Enumerable.Range(0, random.Next(30)).Select(_ => (byte)random.Next(256))]),
        _ => random.Next(20).ToString(CultureInfo.InvariantCulture),
    };
}
