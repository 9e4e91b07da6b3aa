using System.Security.Cryptography;
using System.Text;
using Portcullis.Control.Storage;

namespace Portcullis.Control.Identity.People;

/// <summary>
/// The hash that a person's name is found by: HMAC-SHA-256 under a key that lies sealed in the database (<see cref="StoredSecrets"/>). Whoever has the database alone can't try
/// names against it. Two names have one hash only where they are the same. Safe from any thread.
/// </summary>
internal sealed class NameHash(StoredSecrets secrets)
{
    /// <summary>What the key is called in the database. Never changes.</summary>
    public const string KeyName = "person-name-hash";

    /// <summary>The hash of a name in its one spelling, 32 octets.</summary>
    /// <exception cref="StoreException">The database can't be used, or its key is gone.</exception>
    public async ValueTask<byte[]> OfAsync(string name, CancellationToken cancellationToken)
    {
        var key = await secrets.GetAsync(KeyName, cancellationToken).ConfigureAwait(false);

        // The purpose stands before the name, so that this is no other thing's hash. Frozen by test.
        return HMACSHA256.HashData(key.RevealBytes(), [.. "portcullis person name\n"u8, .. Encoding.UTF8.GetBytes(name)]);
    }
}
