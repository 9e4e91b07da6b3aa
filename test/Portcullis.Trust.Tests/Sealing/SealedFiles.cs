using Portcullis.Trust.Sealing;

namespace Portcullis.Trust.Tests.Sealing;

/// <summary>Sealed values in files, one each, replaced by renaming.</summary>
internal sealed class SealedFiles(string directory) : ISealedStore
{
    public string Name => directory;

    /// <summary>Called before a value is replaced: where a test stops the process or overtakes it.</summary>
    public Action<string>? BeforeReplace { get; set; }

    public static SealingContext Context(string name) => SealingContext.Of("files", name);

    public ValueTask<IReadOnlyList<SealedValue>> ReadStaleAsync(ReadOnlyMemory<byte> prefix, string? after, int count, CancellationToken cancellationToken)
    {
        var found = new List<SealedValue>();
        foreach (var path in Directory.GetFiles(directory, "*.sealed").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(path);
            if (string.CompareOrdinal(name, after) <= 0 || found.Count == count)
                continue;
            var envelope = File.ReadAllBytes(path);
            if (!envelope.AsSpan().StartsWith(prefix.Span))
                found.Add(new SealedValue(name, Context(name), envelope));
        }

        return new(found);
    }

    public ValueTask<bool> TryReplaceAsync(SealedValue value, ReadOnlyMemory<byte> resealed, CancellationToken cancellationToken)
    {
        BeforeReplace?.Invoke(value.Position);
        var path = Path.Combine(directory, value.Position);
        if (!File.Exists(path) || !File.ReadAllBytes(path).AsSpan().SequenceEqual(value.Envelope.Span))
            return new(false);
        Portcullis.Trust.Keys.DurableFile.Write(path, resealed.Span);
        return new(true);
    }
}
