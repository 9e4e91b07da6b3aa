using Portcullis.Control.Identity;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Identity;

namespace Portcullis.Control.Tests.Identity;

public sealed class ClientFileTests : IDisposable
{
    private static readonly string Hash = new('a', 64);

    private readonly TemporaryDirectory directory = new();
    private readonly ManualTimeProvider clock = new();

    private string Path => directory.At("clients.json");

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task A_client_that_was_added_is_found_and_its_secret_is_not_in_the_file()
    {
        Assert.True(Open().TryAdd(Client("one", "secret-of-one")));

        var found = await Open().FindAsync("one", default);

        Assert.NotNull(found);
        Assert.True(found.SecretMatches("secret-of-one"));
        Assert.False(found.SecretMatches("secret-of-two"));
        Assert.Equal(["orders:read"], found.Permissions);
        Assert.DoesNotContain("secret-of-one", File.ReadAllText(Path), StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_is_the_owners_alone()
    {
        Open().TryAdd(Client("one"));

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, TemporaryDirectory.Mode(Path));
    }

    [Fact]
    public async Task Without_a_file_there_are_no_clients()
    {
        Assert.Empty(Open().List());
        Assert.Null(await Open().FindAsync("one", default));
    }

    [Fact]
    public void An_id_is_taken_once_and_the_first_holder_keeps_it()
    {
        var file = Open();
        Assert.True(file.TryAdd(Client("one", "first")));

        Assert.False(Open().TryAdd(Client("one", "second")));

        Assert.True(Assert.Single(file.List()).SecretMatches("first"));
    }

    [Fact]
    public void Ids_that_differ_in_case_are_different_clients()
    {
        Open().TryAdd(Client("one"));

        Assert.True(Open().TryAdd(Client("One")));
    }

    [Fact]
    public async Task A_change_by_another_process_is_seen_within_a_second()
    {
        var reader = Open();
        var writer = new ClientFile(Path, TimeProvider.System);
        Assert.Null(await reader.FindAsync("one", default));
        writer.TryAdd(Client("one"));

        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False((await reader.FindAsync("one", default))!.IsDisabled);

        writer.TrySetDisabled("one", true);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await reader.FindAsync("one", default))!.IsDisabled);

        File.Delete(Path);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await reader.FindAsync("one", default));
    }

    [Fact]
    public async Task The_file_is_not_looked_at_for_each_request()
    {
        var reader = Open();
        Open().TryAdd(Client("one"));
        Assert.NotNull(await reader.FindAsync("one", default));
        File.Delete(Path);

        clock.Advance(TimeSpan.FromMilliseconds(100));

        Assert.NotNull(await reader.FindAsync("one", default));
    }

    [Fact]
    public async Task No_change_of_concurrent_writers_is_lost()
    {
        const int writers = 4, each = 10;
        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(() =>
        {
            var file = new ClientFile(Path, TimeProvider.System);
            for (var i = 0; i < each; i++) Assert.True(file.TryAdd(Client($"client-{writer}-{i}")));
        }))).WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal(writers * each, Open().List().Count);
        Assert.Equal(["clients.json", "clients.json.lock"], Directory.GetFiles(directory.Path).Select(System.IO.Path.GetFileName).Order(StringComparer.Ordinal));
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
    public async Task A_broken_file_is_refused_by_every_use_and_never_overwritten(string content)
    {
        WritePrivate(content);

        Assert.Throws<DataDirectoryException>(() => Open().List());
        Assert.Throws<DataDirectoryException>(() => Open().TryAdd(Client("two")));
        await Assert.ThrowsAsync<DataDirectoryException>(async () => await Open().FindAsync("one", default));

        Assert.Equal(content, File.ReadAllText(Path));
    }

    [Fact]
    public async Task A_file_that_breaks_while_a_node_runs_gives_nobody_tokens_until_it_is_whole_again()
    {
        var reader = Open();
        reader.TryAdd(Client("one"));
        Assert.NotNull(await reader.FindAsync("one", default));
        var whole = File.ReadAllText(Path);
        WritePrivate("{");
        clock.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAsync<DataDirectoryException>(async () => await reader.FindAsync("one", default));
        await Assert.ThrowsAsync<DataDirectoryException>(async () => await reader.FindAsync("one", default));

        WritePrivate(whole);
        Assert.NotNull(await reader.FindAsync("one", default));
    }

    [Fact]
    public void A_file_that_others_may_read_is_refused()
    {
        Open().TryAdd(Client("one"));
        TemporaryDirectory.SetMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        Assert.Throws<DataDirectoryException>(() => Open().List());
    }

    [Fact]
    public void A_directory_in_the_place_of_the_file_is_refused()
    {
        Directory.CreateDirectory(Path);

        Assert.Throws<DataDirectoryException>(() => Open().List());
        Assert.Throws<DataDirectoryException>(() => Open().TryAdd(Client("one")));
    }

    [Fact]
    public void An_unknown_client_cannot_be_disabled()
    {
        Assert.False(Open().TrySetDisabled("none", true));
        Assert.False(File.Exists(Path));
    }

    private static OAuthClient Client(string id, string secret = "secret") => new(id, OAuthClient.HashSecret(secret), ["orders:read"], IsDisabled: false);

    private ClientFile Open() => new(Path, clock);

    private void WritePrivate(string content)
    {
        File.WriteAllText(Path, content);
        TemporaryDirectory.SetMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
