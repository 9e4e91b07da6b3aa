using Portcullis.Gateway.Configuration;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>
/// The keys of an outside issuer, fetched when first needed, again when a token names an unknown key, and at the latest after
/// <see cref="MaximumAge"/>. One fetch at a time; not more often than <see cref="MinimumInterval"/>, however many tokens ask,
/// which also is how long an unknown key id is remembered as unknown. A failed fetch leaves the last good keys.
/// </summary>
internal sealed class RemoteKeys(ExternalIssuerOptions issuer, KeySetFetcher fetcher, TimeProvider clock) : IKeySource
{
    /// <summary>Key ids that the newest key set was found not to have. At the cap all are forgotten, which the interval then bounds.</summary>
    private const int MaximumUnknown = 1024;

    public static readonly TimeSpan MinimumInterval = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan MaximumAge = TimeSpan.FromHours(1);
    public static readonly TimeSpan UnknownFor = TimeSpan.FromMinutes(5);

    private readonly Lock gate = new();
    private readonly Dictionary<string, DateTimeOffset> unknown = new(StringComparer.Ordinal);
    private JsonWebKeySet keys = JsonWebKeySet.Empty;
    private DateTimeOffset lastAttempt = DateTimeOffset.MinValue;
    private DateTimeOffset lastSuccess = DateTimeOffset.MinValue;
    private Task<bool>? running;

    public JsonWebKeySet Keys
    {
        get
        {
            // Old keys stay good while newer ones are fetched; what the issuer withdrew goes with the next answer.
            if (lastSuccess != DateTimeOffset.MinValue && clock.GetUtcNow() - lastSuccess > MaximumAge) _ = FetchOnceAsync();
            return Volatile.Read(ref keys);
        }
    }

    public async ValueTask<bool> RefreshAsync(string? unknownKeyId, CancellationToken cancellationToken)
    {
        var before = Volatile.Read(ref keys);
        lock (gate)
        {
            if (unknownKeyId is not null && unknown.TryGetValue(unknownKeyId, out var until) && clock.GetUtcNow() < until) return false;
        }

        await FetchOnceAsync().WaitAsync(cancellationToken);
        var after = Volatile.Read(ref keys);
        if (ReferenceEquals(before, after))
        {
            Forget(unknownKeyId);
            return false;
        }

        return true;
    }

    private void Forget(string? keyId)
    {
        if (keyId is null || lastSuccess == DateTimeOffset.MinValue) return;
        lock (gate)
        {
            if (unknown.Count >= MaximumUnknown) unknown.Clear();
            unknown[keyId] = clock.GetUtcNow() + UnknownFor;
        }
    }

    /// <summary>The fetch under way, or a new one where that is due; at once false where it is too early.</summary>
    private Task<bool> FetchOnceAsync()
    {
        lock (gate)
        {
            if (running is { IsCompleted: false }) return running;

            var now = clock.GetUtcNow();
            if (lastAttempt != DateTimeOffset.MinValue && now - lastAttempt < MinimumInterval) return Task.FromResult(false);
            lastAttempt = now;
            return running = FetchAsync();
        }
    }

    private async Task<bool> FetchAsync()
    {
        // Not on the caller's thread: it holds the gate.
        await Task.Yield();
        if (await fetcher.FetchAsync(issuer) is not { } fetched) return false;

        lock (gate)
        {
            // An unchanged document keeps the instance, and with it every token verified under it.
            if (!fetched.Document.Span.SequenceEqual(keys.Document.Span)) Volatile.Write(ref keys, fetched);
            lastSuccess = clock.GetUtcNow();
            return true;
        }
    }
}
