using System.Diagnostics;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Storage;
using Portcullis.Control.Tests.Storage;
using Portcullis.Gateway.Configuration;
using Portcullis.Trust.Keys;

namespace Portcullis.Control.Tests.Identity.People;

/// <summary>Another process that adds people, as <c>user add</c> does, and is killed: a person is there whole or not at all.</summary>
public sealed class KilledPersonWriterTests
{
    private const string Place = "PORTCULLIS_TEST_PEOPLE_DATA";
    private const string Server = "PORTCULLIS_TEST_PEOPLE_POSTGRES";

    [Theory]
    [OnBothDatabases]
    public async Task A_person_is_whole_or_not_there_when_the_writer_is_killed_and_none_that_was_answered_is_lost(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var store = await database.OpenAsync();
        using var ring = KeyRing.Open(database.Data.Keys, [KeyPolicy.ForData()], TimeProvider.System);
        using var people = new PeopleStores(store, ring, TimeProvider.System);
        var log = System.IO.Path.Combine(database.Data.Path, "committed");
        File.WriteAllText(log, string.Empty);

        for (var round = 0; round < 3; round++)
        {
            var before = File.ReadAllLines(log).Length;
            using var writer = Start(database, log);
            await Eventually.HoldsAsync(() => File.ReadAllLines(log).Length > before + 10 + (7 * round) || writer.HasExited, "the writer writes");
            Assert.False(writer.HasExited, "the writer ended by itself");
            writer.Kill();
            await writer.WaitForExitAsync().WithPatience();
        }

        // Its last line may be half written: that person may be there or not.
        var answered = File.ReadAllText(log).Split('\n')[..^1];
        var found = await people.People.ListAsync(default);
        Assert.True(answered.Length > 30);
        Assert.Empty(answered.Except(found.Select(person => person.Name)));
        Assert.InRange(found.Count, answered.Length, answered.Length + 3);
        foreach (var person in found)
        {
            Assert.Equal(("shown " + person.Name, "hash of " + person.Name, false), (person.DisplayName, person.PasswordHash, person.IsDisabled));
            Assert.Equal(person.Id, (await people.People.FindByNameAsync(person.Name, default))!.Id);
            if (answered.Contains(person.Name)) Assert.NotNull(await people.Factors.FindTotpAsync(person.Id, default));
        }

        // A key without a person harms nobody: subjects are random and never used twice.
        Assert.InRange(await store.UseAsync(context => context.SubjectKeys.CountAsync()), found.Count, found.Count + 3);
    }

    /// <summary>The other process: this test alone, started by the one above.</summary>
    [Fact(Explicit = true)]
    public async Task Writer()
    {
        var path = Environment.GetEnvironmentVariable(Place);
        if (path is null) Assert.Skip("started by another test");
        var postgres = Environment.GetEnvironmentVariable(Server);
        var data = DataDirectory.OpenExisting(path);
        await using var store = await Store.OpenAsync(data, new StorageOptions { Postgres = postgres is null ? null : Secret.FromText(postgres) });
        using var ring = KeyRing.Open(data.Keys, [KeyPolicy.ForData()], TimeProvider.System);
        using var people = new PeopleStores(store, ring, TimeProvider.System);
        await using var log = new FileStream(System.IO.Path.Combine(path, "committed"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        for (var i = 0; i < 100_000; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"p{Environment.ProcessId}-{i}");
            var person = new NewPerson { Name = name, DisplayName = "shown " + name, PasswordHash = "hash of " + name };
            Assert.True(await people.People.TryAddAsync(person, default));
            await people.Factors.SetTotpAsync(person.Id, Secret.Generate(), 1, default);
            log.Write(System.Text.Encoding.ASCII.GetBytes(name + "\n"));
        }
    }

    private static Process Start(TestDatabase database, string log)
    {
        var program = System.IO.Path.Combine(AppContext.BaseDirectory, "Portcullis.Control.Tests");
        var start = new ProcessStartInfo(program, ["-noColor", "-explicit", "only", "-method", $"{typeof(KilledPersonWriterTests).FullName}.{nameof(Writer)}"])
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
