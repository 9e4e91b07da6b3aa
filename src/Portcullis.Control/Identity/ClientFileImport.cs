using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Storage;
using Portcullis.Control.Storage.Entities;
using Portcullis.Gateway.Identity;
using Portcullis.Trust.Keys;

namespace Portcullis.Control.Identity;

/// <summary>
/// Takes the clients of a version without a database out of <c>clients.json</c>, once, and renames the file. A client that the database has already stays as
/// it is there: after a stop between commit and rename the file is read again.
/// </summary>
public static class ClientFileImport
{
    /// <summary>What the file is called afterwards.</summary>
    public const string ImportedSuffix = ".imported";

    /// <summary>Largest file that is read; room for some ten thousand clients.</summary>
    private const int MaximumSize = 8 * 1024 * 1024;

    private const int CurrentVersion = 1;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Imports the file, where it is there.</summary>
    /// <exception cref="DataDirectoryException">The file can't be read; it stays as it is.</exception>
    /// <exception cref="StoreException">The database can't be written.</exception>
    public static async Task RunAsync(string path, Store store, TimeProvider clock, CancellationToken cancellationToken = default)
    {
        if (!Path.Exists(path)) return;

        // The lock that the versions which write the file take, too.
        using var held = FileLock.Acquire(path + ".lock");
        if (!Path.Exists(path)) return;
        var clients = Read(path);
        await store.UseAsync(context => InsertAsync(context, clients, clock.GetUtcNow(), cancellationToken)).ConfigureAwait(false);
        try
        {
            DurableFile.Rename(path, path + ImportedSuffix);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException($"{path} can't be renamed: {exception.Message}", "check the rights and the space of the data directory; its clients are in the database", exception);
        }
    }

    private static async Task<int> InsertAsync(StoreContext context, IReadOnlyList<OAuthClient> clients, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var taken = await context.Clients.Select(client => client.Id).ToListAsync(cancellationToken).ConfigureAwait(false);
        Client[] missing = [.. clients.ExceptBy(taken, client => client.Id, StringComparer.Ordinal).Select(client => ClientStore.ToRow(client, now))];
        if (missing.Length == 0) return 0;
        context.Clients.AddRange(missing);
        context.Announce(ChangeTopic.Clients, null);
        return await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
    }

    private static IReadOnlyList<OAuthClient> Read(string path)
    {
        try
        {
            FilePermissions.RequirePrivate(path, directory: false);
            var document = JsonSerializer.Deserialize<Document>(DurableFile.Read(path, MaximumSize), Json) ?? throw new JsonException("the file is empty");
            if (document.Version != CurrentVersion) throw new JsonException($"version {document.Version} is not the {CurrentVersion} that this program knows");
            return [.. document.Clients.ToDictionary(entry => Whole(entry).Id, ToClient, StringComparer.Ordinal).Values];
        }
        catch (Exception exception) when (exception is JsonException or FormatException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException($"{path} can't be read: {exception.Message}", "restore it from a backup; the gateway does not overwrite it", exception);
        }
        catch (KeyRingException exception)
        {
            throw new DataDirectoryException(exception.Message, exception.Hint, exception);
        }
    }

    // The serializer keeps null out of properties, but not out of lists.
    private static Entry Whole(Entry? entry)
        => entry is not null && !entry.Permissions.Contains(null!) ? entry : throw new JsonException("a client or permission is null");

    private static OAuthClient ToClient(Entry entry)
    {
        var hash = Convert.FromHexString(entry.SecretSha256);
        if (hash.Length != SHA256.HashSizeInBytes) throw new FormatException($"the hash of client {entry.Id} has {hash.Length} octets, not {SHA256.HashSizeInBytes}");
        return new OAuthClient(entry.Id, hash, entry.Permissions, entry.Disabled);
    }

    private sealed record Document(int Version, IReadOnlyList<Entry> Clients);

    private sealed record Entry(string Id, string SecretSha256, IReadOnlyList<string> Permissions, bool Disabled);
}
