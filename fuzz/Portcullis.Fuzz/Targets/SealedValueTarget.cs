using Portcullis.Trust.Keys;
using Portcullis.Trust.Sealing;

namespace Portcullis.Fuzz.Targets;

/// <summary>Sealed values of both versions: nothing throws, and nothing opens that was not sealed.</summary>
internal sealed class SealedValueTarget : IFuzzTarget
{
    private static readonly SealingContext Here = SealingContext.Of("fuzz");

    private static readonly WrappingKey Wrapping = new(new byte[WrappingKey.Size]);
    private static readonly SubjectKey Subject = new(new byte[SubjectKey.StoredSize]);
    private static readonly SealingKey Key = new("0123456789abcdef", KeyMaterial.Random(32), new Never());

    public string Name => "sealed-value";

    public IReadOnlyList<string> Dictionary { get; } = ["\u0001", "\u0002", "\0\0\0\0\0\0\0\0", "\u0001\u0023\u0045\u0067", new string('\0', 49), new string('\0', 37)];

    public void Run(ReadOnlySpan<byte> input)
    {
        var context = Here;
        using var material = Wrapping.Unwrap(input, context);
        BrokenInvariantException.Unless(material is null, "nothing unwraps but what was wrapped");
        BrokenInvariantException.Unless(Subject.TryOpen(input, context, out var result) && result.Outcome != UnsealOutcome.Opened && result.Plaintext is null, "nothing opens but what was sealed");
        if (Envelope.TryReadKeyId(input, out _))
        {
            var plaintext = new byte[input.Length - Envelope.Overhead];
            BrokenInvariantException.Unless(Key.Open(input, context.Encoded, plaintext) == UnsealOutcome.Tampered, "nothing opens but what was sealed");
            BrokenInvariantException.Unless(!plaintext.AsSpan().ContainsAnyExcept((byte)0), "a refused value leaves zeros");
        }
    }

    private sealed class Never : ISealingAllowance
    {
        public long Reserve(string keyId, long wanted) => 0;
    }
}
