using System.Security.Cryptography;
using Portcullis.Trust.Keys;

namespace Portcullis.Trust.Sealing;

/// <summary>
/// Seals what is personal, each person's under a data key of their own, which is wrapped by the ring's data key. Destroying a person's key makes
/// all of it unreadable at once, in every table, log and backup that holds the sealed form (crypto-shredding; NIST SP 800-88, section 2.5). Safe
/// from any thread.
/// </summary>
/// <remarks>A subject is the id of a person, never used for another one: after destruction nothing can be sealed for it any more.</remarks>
public sealed class SubjectSealer : IDisposable
{
    /// <summary>Opened keys held in memory unless told otherwise.</summary>
    public const int DefaultCapacity = 10_000;

    /// <summary>How long an opened key is used before the store is asked again, unless told otherwise: what another node destroyed is used for no longer.</summary>
    public static readonly TimeSpan DefaultMaximumAge = TimeSpan.FromSeconds(1);

    // Between taking a key and using it, it may be evicted; each turn takes it anew.
    private const int Attempts = 16;
    private const string Contended = "Keys of persons are evicted or removed faster than they are used.";
    private const int LongestSubject = 256;

    private readonly Sealer sealer;
    private readonly ISubjectKeyStore store;

    /// <param name="sealer">Of <see cref="KeyPurpose.Data"/>: wraps the persons' keys.</param>
    /// <param name="store">Keeps the wrapped keys.</param>
    /// <param name="clock">For the age of what is cached.</param>
    /// <param name="capacity">Opened keys in memory at most; at the cap the least recently used is zeroed.</param>
    /// <param name="maximumAge">Default one second. Longer is fine where destruction is told by <see cref="Forget"/>.</param>
    public SubjectSealer(Sealer sealer, ISubjectKeyStore store, TimeProvider clock, int capacity = DefaultCapacity, TimeSpan? maximumAge = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        this.sealer = sealer;
        this.store = store;
        Cache = new SubjectKeyCache(capacity, maximumAge ?? DefaultMaximumAge, clock);
    }

    /// <summary>Bytes a sealed value takes beyond its plaintext.</summary>
    public static int Overhead => SubjectEnvelope.Overhead;

    internal SubjectKeyCache Cache { get; }

    /// <summary>The context in which a person's key is wrapped: whoever seals wrapped keys anew needs it.</summary>
    public static SealingContext KeyContext(string subject) => SealingContext.Of("subject-key", subject);

    /// <summary>Seals a value of a person, whose key is made at first use. Null when that key was destroyed: the value must not be stored.</summary>
    /// <exception cref="InvalidOperationException">The person's wrapped key does not open: the ring's data key was destroyed, or the row is damaged.</exception>
    public async ValueTask<byte[]?> SealAsync(string subject, ReadOnlyMemory<byte> plaintext, SealingContext context, CancellationToken cancellationToken = default)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var found = await FindAsync(subject, make: true, cancellationToken);
            if (found.Failure == UnsealOutcome.UnknownKey)
                return null;
            if (found.Failure is not null)
                throw new InvalidOperationException("The wrapped key of a person does not open; nothing is sealed for them.");
            if (found.Key?.Seal(plaintext.Span, context) is { } envelope)
                return envelope;
        }

        throw new InvalidOperationException(Contended);
    }

    /// <summary>Opens a value of a person. <see cref="UnsealOutcome.UnknownKey"/> after their key was destroyed, for good.</summary>
    public async ValueTask<UnsealResult> OpenAsync(string subject, ReadOnlyMemory<byte> envelope, SealingContext context, CancellationToken cancellationToken = default)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var found = await FindAsync(subject, make: false, cancellationToken);
            if (found.Failure is { } failure)
                return new UnsealResult(failure, null);
            if (found.Key is not null && found.Key.TryOpen(envelope.Span, context, out var result))
                return result;
        }

        throw new InvalidOperationException(Contended);
    }

    /// <summary>
    /// Destroys a person's key for good: all that was sealed under it is unreadable, here at once, on other nodes when they are told or their
    /// cached key is old. False when it was destroyed before.
    /// </summary>
    public async ValueTask<bool> DestroyAsync(string subject, CancellationToken cancellationToken = default)
    {
        RequireSubject(subject);
        Cache.Remove(subject);
        try
        {
            return await store.DestroyAsync(subject, cancellationToken);
        }
        finally
        {
            // A reader may have taken it from the store meanwhile.
            Cache.Remove(subject);
        }
    }

    /// <summary>Gives up a person's opened key: another node may have destroyed it.</summary>
    public void Forget(string subject) => Cache.Remove(subject);

    /// <summary>Zeroes the opened keys. Nothing can be sealed or opened afterwards.</summary>
    public void Dispose() => Cache.Dispose();

    // Neither a key nor a failure: another turn is needed.
    private async ValueTask<(SubjectKey? Key, UnsealOutcome? Failure)> FindAsync(string subject, bool make, CancellationToken cancellationToken)
    {
        RequireSubject(subject);
        if (Cache.Find(subject) is { } cached)
            return (cached, null);
        var mark = Cache.MarkOf(subject);
        var wrapped = await store.FindAsync(subject, cancellationToken);
        if (wrapped is null && make)
        {
            var made = Make(subject);
            wrapped = await store.TryAddAsync(subject, made, cancellationToken) ? made : await store.FindAsync(subject, cancellationToken);
        }

        // Never made, or destroyed: to a reader that is the same.
        if (wrapped is not { Length: > 0 })
            return (null, UnsealOutcome.UnknownKey);
        return Unwrap(subject, wrapped, mark);
    }

    private (SubjectKey? Key, UnsealOutcome? Failure) Unwrap(string subject, ReadOnlySpan<byte> wrapped, int mark)
    {
        Span<byte> stored = stackalloc byte[SubjectKey.StoredSize];
        if (wrapped.Length != stored.Length + Sealer.Overhead)
            return (null, UnsealOutcome.Malformed);
        var outcome = sealer.Open(wrapped, KeyContext(subject), stored, out _);

        // Under a data key that is gone it is as good as damaged: nothing says that the person's key was meant to go.
        if (outcome != UnsealOutcome.Opened)
            return (null, outcome == UnsealOutcome.UnknownKey ? UnsealOutcome.Malformed : outcome);
        var key = new SubjectKey(stored);
        CryptographicOperations.ZeroMemory(stored);
        return (Cache.TryAdd(subject, key, mark) ? key : null, null);
    }

    private byte[] Make(string subject)
    {
        Span<byte> stored = stackalloc byte[SubjectKey.StoredSize];
        RandomNumberGenerator.Fill(stored);
        var wrapped = sealer.Seal(stored, KeyContext(subject));
        CryptographicOperations.ZeroMemory(stored);
        return wrapped;
    }

    private static void RequireSubject(string subject)
    {
        if (subject.Length is 0 or > LongestSubject)
            throw new ArgumentException($"A subject has 1 to {LongestSubject} characters.", nameof(subject));
    }
}
