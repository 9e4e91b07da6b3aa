using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Storage.Entities;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Sealing;

namespace Portcullis.Control.Storage;

/// <summary>
/// Random values that must not change as long as the data made with them is there, such as the key of hashes that rows are found by. They lie in the database, sealed under the
/// ring's data key: so they go into backups with that data, every node has the same, and a rotation seals them anew without changing them. Safe from any thread.
/// </summary>
public sealed class StoredSecrets(Store store, Sealer sealer, TimeProvider clock)
{
    /// <summary>Octets of each.</summary>
    public const int Size = 32;

    private readonly ConcurrentDictionary<string, Secret> known = new(StringComparer.Ordinal);

    /// <summary>The value of this name, made at first use; of several nodes at once one makes it.</summary>
    /// <param name="name">What it is for: one of few fixed names.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="StoreException">The database can't be used, or the value does not open: its data key was destroyed. None is made in its place.</exception>
    public async ValueTask<Secret> GetAsync(string name, CancellationToken cancellationToken)
    {
        if (known.TryGetValue(name, out var secret)) return secret;
        var row = await FindAsync(name, cancellationToken).ConfigureAwait(false);
        if (row is null)
        {
            await TryAddAsync(name, cancellationToken).ConfigureAwait(false);
            row = await FindAsync(name, cancellationToken).ConfigureAwait(false);
        }

        if (row is null || StoredSecret.Values.Open(sealer, name, row.Value, out var opened) != UnsealOutcome.Opened || opened is not { Length: Size })
        {
            throw new StoreException(
                $"the value '{name}' in {store.Place} does not open: it was sealed under a data key that the key ring does not hold",
                "restore the key ring that belongs to this database from a backup");
        }

        secret = known.GetOrAdd(name, Secret.FromBytes(opened));
        CryptographicOperations.ZeroMemory(opened);
        return secret;
    }

    private Task<StoredSecret?> FindAsync(string name, CancellationToken cancellationToken)
        => store.InPoolAsync(context => context.StoredSecrets.SingleOrDefaultAsync(secret => secret.Name == name, cancellationToken));

    // Whoever is second finds what the first one made.
    private Task<bool> TryAddAsync(string name, CancellationToken cancellationToken) => store.InPoolAsync(async context =>
    {
        var value = RandomNumberGenerator.GetBytes(Size);
        context.StoredSecrets.Add(new StoredSecret { Name = name, Value = StoredSecret.Values.Seal(sealer, name, value), Created = clock.GetUtcNow() });
        CryptographicOperations.ZeroMemory(value);
        try
        {
            return await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false) > 0;
        }
        catch (DbUpdateException exception) when (store.IsDuplicate(exception))
        {
            return false;
        }
    });
}
