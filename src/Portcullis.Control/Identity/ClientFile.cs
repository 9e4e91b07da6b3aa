using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Identity;
using Portcullis.Trust.Keys;

namespace Portcullis.Control.Identity;

/// <summary>
/// The clients of the token service in one JSON file of mode 0600, which holds hashes and no secrets. Several processes may
/// change it: each change is made under a lock file and replaces the file whole; readers see it within a second.
/// </summary>
public sealed class ClientFile(string path, TimeProvider clock) : IClientStore
{
    /// <summary>Largest file that is read; room for some ten thousand clients.</summary>
    private const int MaximumSize = 8 * 1024 * 1024;

    private const int CurrentVersion = 1;

    /// <summary>How often the file is looked at, at most.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromMilliseconds(500);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        WriteIndented = true,
    };

    private readonly Lock gate = new();
    private Dictionary<string, OAuthClient> known = new(StringComparer.Ordinal);
    private (DateTime Written, long Length) seen;
    private DateTimeOffset lookedAt = DateTimeOffset.MinValue;

    /// <summary>All clients, by id.</summary>
    public IReadOnlyList<OAuthClient> List() => [.. Read().Values.OrderBy(client => client.Id, StringComparer.Ordinal)];

    public ValueTask<OAuthClient?> FindAsync(string id, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            if (now - lookedAt >= Freshness)
            {
                var file = new FileInfo(path);
                var found = file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
                if (found != seen || lookedAt == DateTimeOffset.MinValue)
                {
                    known = Read();
                    seen = found;
                }

                lookedAt = now;
            }

            return new(known.GetValueOrDefault(id));
        }
    }

    /// <summary>Adds a client; false where the id is taken.</summary>
    public bool TryAdd(OAuthClient client) => Change(clients => clients.TryAdd(client.Id, client));

    /// <summary>Stops or lets a client get tokens again; false where there is none of that id.</summary>
    public bool TrySetDisabled(string id, bool isDisabled) => Change(clients =>
    {
        if (!clients.TryGetValue(id, out var client)) return false;
        clients[id] = client with { IsDisabled = isDisabled };
        return true;
    });

    private bool Change(Func<Dictionary<string, OAuthClient>, bool> change)
    {
        using var held = FileLock.Acquire(path + ".lock");
        var clients = Read();
        if (!change(clients)) return false;

        var document = new Document(CurrentVersion, [.. clients.Values.Select(client => new Entry(client.Id, Convert.ToHexStringLower(client.SecretHash.Span), client.Permissions, client.IsDisabled))]);
        try
        {
            DurableFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(document, Json));
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException($"{path} can't be written: {exception.Message}", "check the rights and the space of the data directory; the file is as it was", exception);
        }
    }

    private Dictionary<string, OAuthClient> Read()
    {
        if (!Path.Exists(path)) return new(StringComparer.Ordinal);
        try
        {
            FilePermissions.RequirePrivate(path, directory: false);
            var document = JsonSerializer.Deserialize<Document>(DurableFile.Read(path, MaximumSize), Json) ?? throw new JsonException("the file is empty");
            if (document.Version != CurrentVersion) throw new JsonException($"version {document.Version} is not the {CurrentVersion} that this program knows");
            return document.Clients.ToDictionary(entry => Whole(entry).Id, ToClient, StringComparer.Ordinal);
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
