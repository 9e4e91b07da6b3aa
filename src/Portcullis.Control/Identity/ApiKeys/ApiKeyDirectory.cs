using System.Collections.Concurrent;
using Portcullis.Control.Identity.Roles;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Identity.ApiKeys;
using Portcullis.Gateway.Identity.Roles;

namespace Portcullis.Control.Identity.ApiKeys;

/// <summary>
/// The API keys that count, for the data plane: all of them in memory, found by their hash, so that a key nobody made costs a look-up and leaves nothing behind. Follows
/// changes of keys and subjects by the feed. While that is not current, a key that is known is read again from the database, and one that is not known does not count.
/// </summary>
public sealed class ApiKeyDirectory : IApiKeys, IDisposable
{
    /// <summary>How long a request waits at start.</summary>
    private static readonly TimeSpan LoadTimeout = TimeSpan.FromSeconds(5);

    private readonly ApiKeyReader reader;
    private readonly IEntitlements entitlements;
    private readonly ApiKeyUses uses;
    private readonly ChangeFeed changes;
    private readonly TimeProvider clock;
    private readonly IDisposable[] subscriptions;
    private readonly TaskCompletionSource loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, StoredApiKey> byId = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<ApiKeyHash, StoredApiKey> byHash = new();

    /// <param name="store">The database.</param>
    /// <param name="entitlements">What subjects may do.</param>
    /// <param name="uses">Keeps when keys were used.</param>
    /// <param name="changes">The node's feed.</param>
    /// <param name="clock">Decides what has expired.</param>
    public ApiKeyDirectory(Store store, IEntitlements entitlements, ApiKeyUses uses, ChangeFeed changes, TimeProvider clock)
    {
        reader = new ApiKeyReader(store, clock);
        this.entitlements = entitlements;
        this.uses = uses;
        this.changes = changes;
        this.clock = clock;
        subscriptions =
        [
            changes.Subscribe(ChangeTopic.ApiKeys, TakeKeyAsync),
            changes.Subscribe(ChangeTopic.People, TakeSubjectAsync),
            changes.Subscribe(ChangeTopic.Clients, TakeSubjectAsync),
        ];
    }

    /// <summary>How many keys are in memory.</summary>
    internal int Count => byHash.Count;

    /// <inheritdoc/>
    /// <exception cref="StoreException">The database had to be asked and can't be read.</exception>
    /// <exception cref="TimeoutException">The keys could not be read since the start.</exception>
    public ValueTask<KnownApiKey?> FindAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
    {
        if (!loaded.Task.IsCompleted || !entitlements.Loaded.IsCompleted) return FindLaterAsync(hash, cancellationToken);
        if (ApiKeyHash.Read(hash.Span) is not { } key || !byHash.TryGetValue(key, out var known)) return default;
        return changes.IsCurrent ? new(Judge(known)) : new(Task.Run(() => FindAgainAsync(known, cancellationToken), cancellationToken));
    }

    /// <inheritdoc/>
    public void Used(string keyId)
    {
        var day = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        if (byId.TryGetValue(keyId, out var known) && known.IsFirstUseOn(day.DayNumber)) uses.Add(keyId, day);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var subscription in subscriptions) subscription.Dispose();
    }

    private async ValueTask<KnownApiKey?> FindLaterAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
    {
        await Task.WhenAll(loaded.Task, entitlements.Loaded).WaitAsync(LoadTimeout, clock, cancellationToken).ConfigureAwait(false);
        return await FindAsync(hash, cancellationToken).ConfigureAwait(false);
    }

    private async Task<KnownApiKey?> FindAgainAsync(StoredApiKey known, CancellationToken cancellationToken)
        => await reader.FindAsync(known.Id, cancellationToken).ConfigureAwait(false) is { } found && found.Hash == known.Hash ? Judge(found) : null;

    private KnownApiKey? Judge(StoredApiKey key)
    {
        if (!key.IsSubjectActive || clock.GetUtcNow() >= key.Expires) return null;

        // The number before the look-up: what changes meanwhile has a later one, and the next request asks again.
        var version = entitlements.Version;
        if (key.AnswerOf(version) is { } answer) return answer;

        // A key is one factor, whoever has it: what a person's roles grant with mfa: required alone it does not carry.
        var held = entitlements.Of(key.Subject).ByOneFactor;
        return key.Keep(version, new(key.Id, key.Subject, key.IsPerson, held.Among(key.Permissions), key.Expires) { Tenant = key.Tenant });
    }

    // What follows runs on the feed's task alone.
    private async ValueTask TakeKeyAsync(string? id, CancellationToken cancellationToken)
    {
        if (id is null || !loaded.Task.IsCompleted)
        {
            Replace([.. byId.Values], await reader.AllAsync(cancellationToken).ConfigureAwait(false));
            loaded.TrySetResult();
        }
        else
        {
            StoredApiKey[] former = byId.TryGetValue(id, out var known) ? [known] : [];
            Replace(former, await reader.FindAsync(id, cancellationToken).ConfigureAwait(false) is { } found ? [found] : []);
        }
    }

    private async ValueTask TakeSubjectAsync(string? subject, CancellationToken cancellationToken)
    {
        // All subjects may have changed whenever all keys may have; the subscription to keys is told first.
        if (!loaded.Task.IsCompleted) return;
        if (subject is null) Replace([.. byId.Values], await reader.AllAsync(cancellationToken).ConfigureAwait(false));
        else if (byId.Values.Where(key => key.Subject == subject).ToArray() is { Length: > 0 } former) Replace(former, await reader.OfAsync(subject, cancellationToken).ConfigureAwait(false));
    }

    private void Replace(StoredApiKey[] former, IReadOnlyList<StoredApiKey> keys)
    {
        foreach (var key in keys)
        {
            byId[key.Id] = key;
            byHash[key.Hash] = key;
        }

        var kept = keys.Select(key => key.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var key in former.Where(key => !kept.Contains(key.Id)))
        {
            byId.TryRemove(key.Id, out _);
            byHash.TryRemove(key.Hash, out _);
        }
    }
}
