using System.Diagnostics;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Control.Identity;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Identity;
using Portcullis.Trust.Keys;

namespace Portcullis.Control.Tests.Storage;

/// <summary>Another process that adds clients: what it has committed is told, and stays when it is killed.</summary>
public sealed class KilledWriterTests
{
    private const string Place = "PORTCULLIS_TEST_WRITER_DATA";
    private const string Server = "PORTCULLIS_TEST_WRITER_POSTGRES";

    [Theory]
    [OnBothDatabases]
    public async Task Nothing_that_was_committed_is_lost_when_the_writer_is_killed_and_all_of_it_was_told(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var store = await database.OpenAsync();
        await using var changes = new ChangeFeed(store, TimeProvider.System, NullLoggerFactory.Instance);
        using var clients = new ClientStore(store, TimeProvider.System, changes);
        changes.Start();
        var log = System.IO.Path.Combine(database.Data.Path, "committed");
        File.WriteAllText(log, string.Empty);

        for (var round = 0; round < 3; round++)
        {
            var before = File.ReadAllLines(log).Length;
            using var writer = Start(database, log);
            await Eventually.HoldsAsync(() => File.ReadAllLines(log).Length > before + 20 + (7 * round) || writer.HasExited, "the writer writes");
            Assert.False(writer.HasExited, "the writer ended by itself");
            writer.Kill();
            await writer.WaitForExitAsync().WithPatience();
        }

        // Its last line may be half written: that commit may be there or not.
        var committed = File.ReadAllText(log).Split('\n')[..^1];
        var found = (await clients.ListAsync()).Select(client => client.Id).ToHashSet(StringComparer.Ordinal);
        Assert.True(committed.Length > 60);
        Assert.Empty(committed.Except(found));
        Assert.InRange(found.Count, committed.Length, committed.Length + 3);
        await using var again = await Store.OpenAsync(database.Data, database.Options);
        Assert.Equal(found.Count, await again.UseAsync(context => context.Clients.CountAsync()));

        // A change and its notice are there together.
        Assert.Equal(found.Count, await again.UseAsync(context => context.Changes.CountAsync()));
        await Eventually.HoldsAsync(async () => changes.IsCurrent && await clients.FindAsync(committed[^1], default) is not null, "the node knows the last client");
    }

    /// <summary>The other process: this test alone, started by the one above.</summary>
    [Fact(Explicit = true)]
    public async Task Writer()
    {
        var path = Environment.GetEnvironmentVariable(Place);
        if (path is null) Assert.Skip("started by another test");
        var postgres = Environment.GetEnvironmentVariable(Server);
        await using var store = await Store.OpenAsync(DataDirectory.OpenExisting(path), new StorageOptions { Postgres = postgres is null ? null : Secret.FromText(postgres) });
        using var clients = new ClientStore(store, TimeProvider.System);
        await using var log = new FileStream(System.IO.Path.Combine(path, "committed"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        for (var i = 0; i < 100_000; i++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{i}");
            Assert.True(await clients.TryAddAsync(new OAuthClient(id, new byte[32], ["a:b"], IsDisabled: false)));
            log.Write(System.Text.Encoding.ASCII.GetBytes(id + "\n"));
        }
    }

    private static Process Start(TestDatabase database, string log)
    {
        var program = System.IO.Path.Combine(AppContext.BaseDirectory, "Portcullis.Control.Tests");
        var start = new ProcessStartInfo(program, ["-noColor", "-explicit", "only", "-method", $"{typeof(KilledWriterTests).FullName}.{nameof(Writer)}"])
        {
            WorkingDirectory = System.IO.Path.GetDirectoryName(log)!,
            RedirectStandardOutput = true,
        };
        start.Environment[Place] = database.Data.Path;
        if (database.Options.Postgres is { } postgres) start.Environment[Server] = postgres.Reveal();
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }
}
