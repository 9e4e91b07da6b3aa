using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Storage;

namespace Portcullis.Control.Tests.Storage;

/// <summary>The file of SQLite: what it is like, and what is refused in its place.</summary>
public sealed class SqliteFileTests : IAsyncLifetime
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private TestDatabase database = null!;

    private string Path => database.Data.Database;

    public async ValueTask InitializeAsync() => database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task The_file_and_its_journal_are_the_owners_alone()
    {
        var store = await database.OpenAsync();
        await using var context = store.CreateDbContext();
        await context.Database.OpenConnectionAsync();
        context.Announce("test", null);
        await context.SaveChangesAsync();

        foreach (var file in (string[])[Path, Path + "-wal", Path + "-shm", Path + ".lock"]) Assert.Equal(OwnerOnly, TemporaryDirectory.Mode(file));
        Assert.False(File.Exists(Path + ".new"));
    }

    [Theory]
    [InlineData("journal_mode", "wal")]
    [InlineData("synchronous", 2L)]
    [InlineData("foreign_keys", 1L)]
    [InlineData("secure_delete", 1L)]
    [InlineData("trusted_schema", 0L)]
    [InlineData("busy_timeout", 5000L)]
    public async Task Each_connection_has_the_settings(string name, object value)
    {
        var store = await database.OpenAsync();

        // The second time the connection comes from the pool.
        for (var i = 0; i < 2; i++)
        {
            await using var context = store.CreateDbContext();
            await context.Database.OpenConnectionAsync();
            await using var command = context.Database.GetDbConnection().CreateCommand();
            command.CommandText = $"PRAGMA {name}";
            Assert.Equal(value, await command.ExecuteScalarAsync());
        }
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("hello", "is no SQLite database, or is damaged")]
    [InlineData("SQLite format 3\0", "is no SQLite database, or is damaged")]
    public async Task What_is_no_database_is_refused_and_stays(string content, string message)
    {
        await File.WriteAllTextAsync(Path, content);
        TemporaryDirectory.SetMode(Path, OwnerOnly);

        var exception = await Assert.ThrowsAsync<StoreException>(database.OpenAsync);

        Assert.Equal($"{Path} {message}", exception.Message);
        Assert.Equal(content, await File.ReadAllTextAsync(Path));
    }

    [Theory]
    [InlineData(0.5, false)]
    [InlineData(0.9, false)]
    [InlineData(0.1, true)]
    [InlineData(0.5, true)]
    [InlineData(0.8, true)]
    public async Task A_file_that_is_cut_or_overwritten_in_part_is_refused_and_stays(double place, bool isOverwritten)
    {
        await (await database.OpenAsync()).DisposeAsync();
        var bytes = await File.ReadAllBytesAsync(Path);
        var at = (int)(bytes.Length * place) / 4096 * 4096;
        if (isOverwritten) bytes.AsSpan(at, 4096).Fill(0xA5);
        else bytes = bytes[..(at + 100)];
        await File.WriteAllBytesAsync(Path, bytes);

        var exception = await Assert.ThrowsAsync<StoreException>(database.OpenAsync);

        Assert.Contains("damaged", exception.Message, StringComparison.Ordinal);
        Assert.Contains("backup", exception.Hint, StringComparison.Ordinal);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Path));
    }

    [Fact]
    public async Task A_file_that_others_may_read_is_refused()
    {
        await database.OpenAsync();
        TemporaryDirectory.SetMode(Path, OwnerOnly | UnixFileMode.GroupRead);

        Assert.Contains("is open to others", (await Assert.ThrowsAsync<StoreException>(database.OpenAsync)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_journal_without_its_file_is_refused_and_stays()
    {
        await File.WriteAllTextAsync(Path + "-wal", "commits");

        Assert.Contains("is gone", (await Assert.ThrowsAsync<StoreException>(database.OpenAsync)).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path));
        Assert.Equal("commits", await File.ReadAllTextAsync(Path + "-wal"));
    }

    [Fact]
    public async Task A_directory_in_the_place_of_the_file_is_refused()
    {
        Directory.CreateDirectory(Path);

        await Assert.ThrowsAsync<StoreException>(database.OpenAsync);
        Assert.Empty(Directory.GetFileSystemEntries(Path));
    }

    [Fact]
    public async Task What_was_left_by_a_start_that_was_killed_is_no_obstacle()
    {
        await File.WriteAllTextAsync(Path + ".new", "half");
        await File.WriteAllTextAsync(Path + ".new-journal", "half");

        Assert.Equal(0, await (await database.OpenAsync()).UseAsync(context => context.Clients.CountAsync()));
        Assert.False(File.Exists(Path + ".new"));
        Assert.False(File.Exists(Path + ".new-journal"));
    }

    [Fact]
    public async Task A_database_that_must_be_there_is_not_made()
    {
        var exception = await Assert.ThrowsAsync<StoreException>(() => Store.OpenExistingAsync(database.Data, database.Options));

        Assert.Equal($"there is no database at {Path}", exception.Message);
        Assert.False(File.Exists(Path));
    }

    [Fact]
    public async Task A_file_that_another_process_holds_is_told_after_the_wait_and_not_taken_for_damaged()
    {
        var store = await database.OpenAsync();
        await using var context = store.CreateDbContext();
        await using var held = await context.Database.BeginTransactionAsync();

        var exception = await Assert.ThrowsAsync<StoreException>(() => store.UseAsync(other =>
        {
            other.Announce("test", null);
            return other.SaveChangesAsync();
        }));

        Assert.Equal($"{Path} is held by another process", exception.Message);
    }

    // What max_page_count gives is what a full disk gives: SQLITE_FULL.
    [Fact]
    public async Task A_database_that_cannot_grow_says_so_and_keeps_what_it_has()
    {
        var store = await database.OpenAsync();

        var exception = await Assert.ThrowsAsync<StoreException>(() => store.UseAsync(async context =>
        {
            await context.Database.OpenConnectionAsync();
            await context.Database.ExecuteSqlRawAsync("PRAGMA max_page_count = 1");
            for (var i = 0; i < 100; i++) context.Clients.Add(new() { Id = $"c{i}", SecretHash = new byte[32], Permissions = new string('a', 8000), Created = default });
            return await context.SaveChangesAsync();
        }));

        Assert.Equal($"{Path} can't grow: the disk is full", exception.Message);
        Assert.Equal(0L, await database.SqlAsync("SELECT count(*) FROM clients"));
    }

    [Fact]
    public async Task A_file_that_may_not_be_written_says_so()
    {
        var store = await database.OpenAsync();

        var exception = await Assert.ThrowsAsync<StoreException>(() => store.UseAsync(async context =>
        {
            await context.Database.OpenConnectionAsync();
            await context.Database.ExecuteSqlRawAsync("PRAGMA query_only = ON");
            context.Announce("test", null);
            return await context.SaveChangesAsync();
        }));

        Assert.Equal($"{Path} can't be written", exception.Message);
    }
}
