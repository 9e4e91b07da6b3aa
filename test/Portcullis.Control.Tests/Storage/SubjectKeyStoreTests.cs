using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Storage;
using Portcullis.Control.Tests.Identity.People;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Sealing;

namespace Portcullis.Control.Tests.Storage;

/// <summary>Keys of persons in the database.</summary>
public sealed class SubjectKeyStoreTests
{
    private static readonly string Ada = Guid.NewGuid().ToString("N");
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [OnBothDatabases]
    public async Task A_key_is_made_once_by_whoever_is_first(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var keys = new SubjectKeyStore(node.Store, node.Clock);
        Assert.Null(await keys.FindAsync(Ada, None));

        var added = await node.AtOnceAsync((_, i) => keys.TryAddAsync(Ada, [(byte)(i + 1)], None).AsTask());

        Assert.Single(added, success => success);
        Assert.Equal([(byte)(Array.IndexOf(added, true) + 1)], (await keys.FindAsync(Ada, None))!);
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_destroyed_key_leaves_a_mark_and_none_takes_its_place(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var keys = new SubjectKeyStore(node.Store, node.Clock);
        var never = Guid.NewGuid().ToString("N");
        await keys.TryAddAsync(Ada, [1], None);

        var destroyed = await node.AtOnceAsync((_, i) => keys.DestroyAsync(i % 4 < 2 ? Ada : never, None).AsTask());

        Assert.Equal(2, destroyed.Count(success => success));
        foreach (var subject in new[] { Ada, never })
        {
            Assert.Empty((await keys.FindAsync(subject, None))!);
            Assert.False(await keys.TryAddAsync(subject, [2], None));
            Assert.False(await keys.DestroyAsync(subject, None));
            Assert.Equal(1, await node.Store.UseAsync(context => context.Changes.CountAsync(change => change.Topic == ChangeTopic.Keys && change.Key == subject)));
        }
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_subject_of_another_form_is_a_fault_of_the_caller(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var keys = new SubjectKeyStore(node.Store, node.Clock);

        foreach (var subject in new[] { string.Empty, "ada", Ada.ToUpperInvariant(), Ada + "0" })
        {
            await Assert.ThrowsAsync<ArgumentException>(() => keys.FindAsync(subject, None).AsTask());
            await Assert.ThrowsAsync<ArgumentException>(() => keys.TryAddAsync(subject, [1], None).AsTask());
            await Assert.ThrowsAsync<ArgumentException>(() => keys.DestroyAsync(subject, None).AsTask());
        }
    }

    [Fact]
    public async Task The_octets_of_a_destroyed_key_stand_nowhere_in_the_files()
    {
        await using var node = await TestNode.StartAsync(DatabaseKind.Sqlite);
        var keys = new SubjectKeyStore(node.Store, node.Clock);
        await keys.TryAddAsync(Ada, "the wrapped key of ada"u8.ToArray(), None);
        Assert.Contains(Files(), file => file.AsSpan().IndexOf("the wrapped key of ada"u8) >= 0);

        await keys.DestroyAsync(Ada, None);

        Assert.DoesNotContain(Files(), file => file.AsSpan().IndexOf("the wrapped key of ada"u8) >= 0);

        IEnumerable<byte[]> Files() => Directory.EnumerateFiles(node.Database.Data.Path, "portcullis.db*").Where(path => !path.EndsWith(".lock", StringComparison.Ordinal)).Select(path =>
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        });
    }

    [Theory]
    [OnBothDatabases]
    public async Task What_another_node_destroyed_is_unreadable_within_a_second(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var context = SealingContext.Of("test");
        var envelope = (await node.Stores.Personal.SealAsync(Ada, "secret"u8.ToArray(), context))!;
        Assert.Equal(UnsealOutcome.Opened, (await node.Other.Personal.OpenAsync(Ada, envelope, context)).Outcome);

        await node.Stores.Personal.DestroyAsync(Ada);
        node.Clock.Advance(SubjectSealer.DefaultMaximumAge);

        Assert.Equal(UnsealOutcome.UnknownKey, (await node.Other.Personal.OpenAsync(Ada, envelope, context)).Outcome);
        Assert.Null(await node.Other.Personal.SealAsync(Ada, "secret"u8.ToArray(), context));
    }
}
