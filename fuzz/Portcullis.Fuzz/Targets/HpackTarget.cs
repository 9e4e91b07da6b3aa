using System.Buffers.Binary;
using System.Text;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.Connections.Http2.Hpack;
using Portcullis.Gateway.Fields;

namespace Portcullis.Fuzz.Targets;

/// <summary>
/// Header blocks of one connection: input is an octet that chooses the announced table size, then blocks, each behind two octets with its length.
/// For any octets the decoder never throws, keeps its table within its size, allocates in proportion to what it reads, and says of names and
/// values what their octets say; what a sink wants changes nothing; and what the encoder makes of the fields is read back as they were.
/// </summary>
internal sealed class HpackTarget : IFuzzTarget
{
    // Ring, pooled memory for a string, and the first compilations' boxes.
    private const int MostAllocated = 128 * 1024;
    private const int MostAllocatedPerOctet = 64;

    private static readonly int[] TableSizes = [4096, 0, 100, 65536];

    public string Name => "hpack";

    public IReadOnlyList<string> Dictionary { get; } =
    [
        "\u0082", "\u0086", "\u0084", "\u00be", "\u00bf", "\u0080", "\u0020", "\u003f\u00e1\u001f", "\u003f\u0045", "\u0000", "\u0010", "\u0040", "\u0041", "\u0044", "\u0004", "\u007e",
        "\u007f", "\u00ff", "\u00ff\u00ff\u00ff\u00ff", "\u0001", "\u0001a", "\u0001:", "\u0001A", "\u0001 ", "\u0081\u001f", "\u0081\u00ff", "\u0005:path", "\u0006accept", "\u0007x-own-1",
        "\u0040\u0001a\u0001b", "\u0000\u0001a\u0001b", "\u0000\u0000", "\u0088\u0025\u00a8\u0049\u00e9\u005b\u00a9\u007d\u007f",
    ];

    /// <summary>Bits 0 and 1 of the first octet choose the size, bit 2 says whether the client has acknowledged it.</summary>
    public void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        var size = TableSizes[input[0] & 3];
        var isAcknowledged = (input[0] & 4) != 0;
        HpackDecoder[] decoders = [New(), New(), New()];
        var echo = new Echo();
        for (var rest = input[1..]; rest.Length >= 2;)
        {
            var length = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(rest), rest.Length - 2);
            var block = rest.Slice(2, length);
            rest = rest[(2 + length)..];

            var all = new Sink(int.MaxValue);
            var error = decoders[0].Decode(block, all);
            BrokenInvariantException.Unless(error is null or { Length: > 0 }, "a refusal has a reason");
            BrokenInvariantException.Unless(error == decoders[1].Decode(block, new Sink(1)), "what a sink wants changes nothing");
            HoldAllocation(decoders[2], block, error);
            if (error is not null) return;

            var table = Table(decoders[0]);
            BrokenInvariantException.Unless(table.Sum(static field => field.Size) <= Math.Max(size, isAcknowledged ? 0 : 4096), "the table is no larger than it may be");
            BrokenInvariantException.Unless(table.SequenceEqual(Table(decoders[1])), "the table is the same whatever a sink wants");
            echo.Hold(all.Fields);
        }

        HpackDecoder New()
        {
            var decoder = new HpackDecoder(size);
            if (isAcknowledged) decoder.Decode([0x20, 0x3f, 0x45], new Sink(0)); // 0, then 100
            if (isAcknowledged && size == 0) decoder.Decode([0x20], new Sink(0));
            if (isAcknowledged) decoder.Acknowledged();
            return decoder;
        }
    }

    private static void HoldAllocation(HpackDecoder decoder, ReadOnlySpan<byte> block, string? expected)
    {
        var sink = new Sink(0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = decoder.Decode(block, sink);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        BrokenInvariantException.Unless(error == expected, "every decoder says the same of a block");
        BrokenInvariantException.Unless(allocated <= MostAllocated + ((long)MostAllocatedPerOctet * block.Length), "a block costs memory in proportion to its length");
    }

    private static List<Field> Table(HpackDecoder decoder)
    {
        var sink = new Sink(int.MaxValue);
        for (var index = StaticTable.Count + 1; ; index++)
        {
            var octets = new byte[HpackInteger.MostLength];
            if (decoder.Decode(octets.AsSpan(0, HpackInteger.Write(octets, 0x80, 7, index)), sink) is not null) return sink.Fields;
        }
    }

    private sealed record Field(string Name, string Value, bool IsValid)
    {
        public long Size => HpackEntry.Size(Name.Length, Value.Length);
    }

    /// <summary>Takes some fields, and checks what is said of each.</summary>
    private sealed class Sink(int wanted) : IFieldSink
    {
        public List<Field> Fields { get; } = [];

        public bool TakeText(in FieldName name, string value, bool isValueValid)
        {
            BrokenInvariantException.Unless(isValueValid == FieldLine.IsValue(Encoding.Latin1.GetBytes(value)), "a value is valid by its octets");
            return Take(name, value);
        }

        public bool TakeOctets(in FieldName name, ReadOnlySpan<byte> value) => wanted == 0 || Take(name, Encoding.Latin1.GetString(value));

        private bool Take(in FieldName name, string value)
        {
            if (wanted == 0) return false;
            BrokenInvariantException.Unless(Fields.Count < wanted, "a sink gets no more than it wants");
            var lower = name.Text.ToLowerInvariant();
            BrokenInvariantException.Unless(!name.IsValid || name.Pseudo != PseudoField.None || lower.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || "!#$%&'*+-.^_`|~".Contains(c)), "a valid name is a token");
            BrokenInvariantException.Unless(name.Text.StartsWith(':') == (name.Pseudo != PseudoField.None), "a pseudo-field begins with a colon");
            BrokenInvariantException.Unless(name.Traits == KnownFields.TraitsOf(name.Text), "a name has its traits");
            Fields.Add(new Field(lower, value, name.IsValid));
            return Fields.Count < wanted;
        }
    }

    /// <summary>Encoder and decoder of another connection.</summary>
    private sealed class Echo
    {
        private readonly HpackEncoder encoder = new();
        private readonly HpackDecoder decoder = new(HpackDecoder.InitialTableSize);

        public void Hold(List<Field> fields)
        {
            Field[] sent = [.. fields.Where(static field => field.IsValid)];
            var output = new OutputBuffer();
            encoder.SetMaximumTableSize((uint)(sent.Length * 300));
            encoder.Begin(output);
            for (var i = 0; i < sent.Length; i++)
            {
                if ((i & 1) == 0) encoder.Write(sent[i].Name, sent[i].Value);
                else encoder.Write(sent[i].Name, Encoding.Latin1.GetBytes(sent[i].Value));
            }

            var sink = new Sink(int.MaxValue);
            BrokenInvariantException.Unless(decoder.Decode(output.Written.Span, sink) is null, "what the encoder writes is right");
            BrokenInvariantException.Unless(sink.Fields.SequenceEqual(sent), "what the encoder writes says what it was given");
            output.Release();
        }
    }
}
