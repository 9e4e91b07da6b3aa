using Portcullis.Gateway.Configuration;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>
/// The keys of an outside issuer, fetched when first needed, again when a token names an unknown key, and at the latest after
/// <see cref="MaximumAge"/>. One fetch at a time; not more often than <see cref="MinimumInterval"/>, however many tokens ask. A key
/// id that a fetch made for it did not bring is not asked for again for <see cref="UnknownFor"/>. A failed fetch leaves the last good keys.
/// </summary>
internal sealed class RemoteKeys(ExternalIssuerOptions issuer, KeySetFetcher fetcher, TimeProvider clock) : IKeySource
{
    /// <summary>Key ids that a fetch was found not to bring. At the cap all are forgotten, which the interval then bounds.</summary>
    private const int MaximumUnknown = 1024;

    public static readonly TimeSpan MinimumInterval = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan MaximumAge = TimeSpan.FromHours(1);
    public static readonly TimeSpan UnknownFor = TimeSpan.FromMinutes(5);

    private readonly Lock gate = new();
    private readonly Dictionary<string, DateTimeOffset> unknown = new(StringComparer.Ordinal);
    private JsonWebKeySet keys = JsonWebKeySet.Empty;
    private DateTimeOffset lastAttempt = DateTimeOffset.MinValue;
    private long lastSuccess;
    private Task<bool>? running;

    public JsonWebKeySet Keys
    {
        get
        {
            // Old keys stay good while newer ones are fetched; what the issuer withdrew goes with the next answer.
            if (Volatile.Read(ref lastSuccess) is var fetched and not 0 && clock.GetUtcNow().UtcTicks - fetched > MaximumAge.Ticks) _ = FetchOnce();
            return Volatile.Read(ref keys);
        }
    }

    public async ValueTask<bool> RefreshAsync(JsonWebKeySet tried, string? unknownKeyId, CancellationToken cancellationToken)
    {
        if (!ReferenceEquals(tried, Volatile.Read(ref keys))) return true;
        if (IsForgotten(unknownKeyId)) return false;

        var (fetch, isOwn) = FetchOnce();
        var succeeded = await fetch.WaitAsync(cancellationToken);
        if (!ReferenceEquals(tried, Volatile.Read(ref keys))) return true;

        // A fetch that failed, was not due yet or began before this token came says nothing of its key: it may be there in ten seconds.
        if (succeeded && isOwn) Forget(unknownKeyId);
        return false;
    }

    private bool IsForgotten(string? keyId)
    {
        lock (gate) return keyId is not null && unknown.TryGetValue(keyId, out var until) && clock.GetUtcNow() < until;
    }

    private void Forget(string? keyId)
    {
        if (keyId is null) return;
        lock (gate)
        {
            if (unknown.Count >= MaximumUnknown) unknown.Clear();
            unknown[keyId] = clock.GetUtcNow() + UnknownFor;
        }
    }

    /// <summary>The fetch under way, or a new one, which is the caller's own; where that is not due yet, one that failed at once.</summary>
    private (Task<bool> Fetch, bool IsOwn) FetchOnce()
    {
        lock (gate)
        {
            if (running is { IsCompleted: false }) return (running, false);

            var now = clock.GetUtcNow();
            if (lastAttempt != DateTimeOffset.MinValue && now - lastAttempt < MinimumInterval) return (Task.FromResult(false), false);
            lastAttempt = now;
            running = FetchAsync();
            return (running, true);
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
            Volatile.Write(ref lastSuccess, clock.GetUtcNow().UtcTicks);
            return true;
        }
    }
}
