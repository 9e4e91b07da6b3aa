using System.Text.Json;
using Portcullis.Control.Identity;
using Portcullis.Control.Storage;
using Portcullis.Control.Tests.Storage;
using Portcullis.Gateway.Identity;

namespace Portcullis.Control.Tests.Identity;

public sealed class ClientFileImportTests
{
    private static readonly string Hash = new('a', 64);

    [Theory]
    [OnBothDatabases]
    public async Task The_clients_of_the_file_are_in_the_database_and_the_file_is_renamed(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        WritePrivate(database, Document(("one", "secret-of-one", false), ("off", "x", true)));
        var store = await database.OpenAsync();

        await ClientFileImport.RunAsync(database.Data.Clients, store, TimeProvider.System);

        using var clients = new ClientStore(store, TimeProvider.System);
        var found = await clients.ListAsync();
        Assert.Equal([("off", true), ("one", false)], found.Select(client => (client.Id, client.IsDisabled)));
        Assert.True(found[1].SecretMatches("secret-of-one"));
        Assert.Equal(["orders:read"], found[1].Permissions);
        Assert.False(File.Exists(database.Data.Clients));
        Assert.True(File.Exists(database.Data.Clients + ClientFileImport.ImportedSuffix));
    }

    [Theory]
    [OnBothDatabases]
    public async Task Of_several_that_import_at_once_one_does_it(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        WritePrivate(database, Document(("one", "secret-of-one", false)));
        Store[] stores = [await database.OpenAsync(), await database.OpenAsync(), await database.OpenAsync(), await database.OpenAsync()];

        await Task.WhenAll(stores.Select(store => Task.Run(() => ClientFileImport.RunAsync(database.Data.Clients, store, TimeProvider.System)))).WithPatience();

        Assert.Equal(1L, await database.SqlAsync("SELECT count(*) FROM clients"));
        Assert.Equal(1L, await database.SqlAsync("SELECT count(*) FROM changes"));
    }

    // A stop between commit and rename: what was changed since is not undone.
    [Fact]
    public async Task A_client_that_the_database_has_stays_as_it_is_there()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        var store = await database.OpenAsync();
        using var clients = new ClientStore(store, TimeProvider.System);
        await clients.TryAddAsync(new OAuthClient("one", OAuthClient.HashSecret("new"), [], IsDisabled: true));
        WritePrivate(database, Document(("one", "old", false), ("two", "x", false)));

        await ClientFileImport.RunAsync(database.Data.Clients, store, TimeProvider.System);

        Assert.Equal([("one", true), ("two", false)], (await clients.ListAsync()).Select(client => (client.Id, client.IsDisabled)));
        Assert.True((await clients.FindAsync("one", default))!.SecretMatches("new"));
    }

    [Fact]
    public async Task Without_a_file_nothing_is_done()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);

        await ClientFileImport.RunAsync(database.Data.Clients, await database.OpenAsync(), TimeProvider.System);

        Assert.False(File.Exists(database.Data.Clients + ".lock"));
    }

    public static TheoryData<string> Broken =>
    [
        "",
        "null",
        "[]",
        "{",
        """{"version":1}""",
        """{"version":1,"clients":null}""",
        """{"version":1,"clients":[null]}""",
        """{"version":2,"clients":[]}""",
        """{"version":1,"clients":[],"extra":true}""",
        """{"version":1,"clients":[]}}""",
        $$"""{"version":1,"clients":[{"id":"one","secretSha256":"zz","permissions":[],"disabled":false}]}""",
        $$"""{"version":1,"clients":[{"id":"one","secretSha256":"","permissions":[],"disabled":false}]}""",
        $$"""{"version":1,"clients":[{"id":"one","secretSha256":"abcd","permissions":[],"disabled":false}]}""",
        $$"""{"version":1,"clients":[{"id":"one","secretSha256":"{{Hash}}","permissions":null,"disabled":false}]}""",
        $$"""{"version":1,"clients":[{"id":"one","secretSha256":"{{Hash}}","permissions":[null],"disabled":false}]}""",
        $$"""{"version":1,"clients":[{"id":null,"secretSha256":"{{Hash}}","permissions":[],"disabled":false}]}""",
        $$"""{"version":1,"clients":[{"id":"one","secretSha256":"{{Hash}}","permissions":[]}]}""",
        $$"""{"version":1,"clients":[{"id":"one","secretSha256":"{{Hash}}","permissions":[],"disabled":false},{"id":"one","secretSha256":"{{Hash}}","permissions":[],"disabled":true}]}""",
        new string('x', 9 * 1024 * 1024),
    ];

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task A_broken_file_is_refused_and_stays(string content)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        WritePrivate(database, content);
        var store = await database.OpenAsync();

        await Assert.ThrowsAsync<DataDirectoryException>(() => ClientFileImport.RunAsync(database.Data.Clients, store, TimeProvider.System));

        Assert.Equal(content, File.ReadAllText(database.Data.Clients));
        Assert.Equal(0L, await database.SqlAsync("SELECT count(*) FROM clients"));
    }

    [Fact]
    public async Task A_file_that_others_may_read_is_refused()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        WritePrivate(database, Document(("one", "x", false)));
        TemporaryDirectory.SetMode(database.Data.Clients, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        var store = await database.OpenAsync();

        await Assert.ThrowsAsync<DataDirectoryException>(() => ClientFileImport.RunAsync(database.Data.Clients, store, TimeProvider.System));
    }

    [Fact]
    public async Task A_directory_in_the_place_of_the_file_is_refused()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        Directory.CreateDirectory(database.Data.Clients);
        TemporaryDirectory.SetMode(database.Data.Clients, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var store = await database.OpenAsync();

        await Assert.ThrowsAsync<DataDirectoryException>(() => ClientFileImport.RunAsync(database.Data.Clients, store, TimeProvider.System));
    }

    private static string Document(params (string Id, string Secret, bool IsDisabled)[] clients) => JsonSerializer.Serialize(new
    {
        version = 1,
        clients = clients.Select(client => new { id = client.Id, secretSha256 = Convert.ToHexStringLower(OAuthClient.HashSecret(client.Secret)), permissions = (string[])["orders:read"], disabled = client.IsDisabled }),
    });

    private static void WritePrivate(TestDatabase database, string content)
    {
        File.WriteAllText(database.Data.Clients, content);
        TemporaryDirectory.SetMode(database.Data.Clients, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
