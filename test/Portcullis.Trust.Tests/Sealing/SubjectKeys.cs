using System.Collections.Concurrent;
using Portcullis.Trust.Sealing;

namespace Portcullis.Trust.Tests.Sealing;

/// <summary>Persons' keys in memory, as the database will keep them.</summary>
internal sealed class SubjectKeys : ISubjectKeyStore, ISealedStore
{
    private readonly ConcurrentDictionary<string, byte[]> keys = new(StringComparer.Ordinal);
    private int reads;

    public string Name => "subject keys";

    public int Reads => reads;

    /// <summary>Runs after the key was read and before it is handed out: where a race is lost.</summary>
    public Func<Task>? AfterFind { get; set; }

    public IReadOnlyDictionary<string, byte[]> All => keys;

    public void Put(string subject, byte[] wrapped) => keys[subject] = wrapped;

    public async ValueTask<byte[]?> FindAsync(string subject, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref reads);
        var wrapped = keys.GetValueOrDefault(subject);
        if (AfterFind is { } after)
            await after();
        return wrapped;
    }

    public ValueTask<bool> TryAddAsync(string subject, byte[] wrapped, CancellationToken cancellationToken) => new(keys.TryAdd(subject, wrapped));

    public ValueTask<bool> DestroyAsync(string subject, CancellationToken cancellationToken)
    {
        var existed = true;
        keys.AddOrUpdate(subject, [], (_, old) =>
        {
            existed = old.Length > 0;
            return [];
        });
        return new(existed);
    }

    public ValueTask<IReadOnlyList<SealedValue>> ReadStaleAsync(ReadOnlyMemory<byte> prefix, string? after, int count, CancellationToken cancellationToken) => new(
        [.. keys.Where(key => key.Value.Length > 0 && string.CompareOrdinal(key.Key, after) > 0 && !key.Value.AsSpan().StartsWith(prefix.Span))
            .OrderBy(key => key.Key, StringComparer.Ordinal).Take(count)
            .Select(key => new SealedValue(key.Key, SubjectSealer.KeyContext(key.Key), key.Value))]);

    public ValueTask<bool> TryReplaceAsync(SealedValue value, ReadOnlyMemory<byte> resealed, CancellationToken cancellationToken) => new(
        keys.TryGetValue(value.Position, out var current) && current.AsSpan().SequenceEqual(value.Envelope.Span) && keys.TryUpdate(value.Position, resealed.ToArray(), current));
}
