using BenchmarkDotNet.Attributes;
using Portcullis.Gateway.Connections.Http2.Hpack;

namespace Portcullis.Benchmarks.Http2;

/// <summary>Times of header blocks, and of Huffman code alone.</summary>
[MemoryDiagnoser]
public class HpackBenchmarks
{
    private static readonly byte[] RequestId = "4bf92f3577b34da6a3ce929d0e0e4736"u8.ToArray();
    private static readonly byte[] Path = "/api/orders/17/lines?expand=all"u8.ToArray();

    private readonly HpackSamples samples = new();
    private readonly byte[] coded = new byte[HuffmanEncoder.LengthOf(Path)];
    private readonly byte[] octets = new byte[100];

    public HpackBenchmarks() => HuffmanEncoder.Encode(Path, coded);

    [Benchmark]
    public void DecodeBrowserRequest() => samples.DecodeBrowser();

    [Benchmark]
    public void DecodeLoadRequest() => samples.DecodeLoad();

    [Benchmark]
    public void DecodeLiterals() => samples.DecodeLiterals();

    [Benchmark]
    public int EncodeResponse() => samples.EncodeResponse();

    [Benchmark]
    public int HuffmanEncodeRequestId()
    {
        var length = HuffmanEncoder.LengthOf(RequestId);
        HuffmanEncoder.Encode(RequestId, octets.AsSpan(0, length));
        return length;
    }

    [Benchmark]
    public int HuffmanDecodePath()
    {
        HuffmanDecoder.Decode(coded, octets, out var length);
        return length;
    }
}
