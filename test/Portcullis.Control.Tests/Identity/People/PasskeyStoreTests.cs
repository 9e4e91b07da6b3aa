using Portcullis.Control.Identity.People;
using Portcullis.Control.Tests.Storage;

namespace Portcullis.Control.Tests.Identity.People;

/// <summary>Passkeys in the database.</summary>
public sealed class PasskeyStoreTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [OnBothDatabases]
    public async Task A_passkey_comes_back_as_it_was_added(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var id = await node.AddAsync("ada");
        var passkey = New(id, 1) with { CredentialId = Octets(1023, 7), PublicKey = Octets(2048, 9), SignCount = uint.MaxValue, IsBackedUp = true, Label = "Schlüssel im Büro", LastUsed = Start.AddDays(1) };
        Assert.True(await node.Stores.Passkeys.TryAddAsync(passkey, 5, None));

        var found = await node.Other.Passkeys.FindAsync(passkey.CredentialId, None);

        Assert.NotNull(found);
        Assert.Equal(passkey.CredentialId.ToArray(), found.CredentialId.ToArray());
        Assert.Equal(passkey.PublicKey.ToArray(), found.PublicKey.ToArray());
        Assert.Equal(passkey with { CredentialId = found.CredentialId, PublicKey = found.PublicKey }, found);
        Assert.Null(await node.Other.Passkeys.FindAsync(Octets(1022, 7), None));
        Assert.Null(await node.Other.Passkeys.FindAsync(default, None));
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_credential_id_belongs_to_one_person(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var ids = new[] { await node.AddAsync("ada"), await node.AddAsync("eve") };

        var added = await node.AtOnceAsync((stores, i) => stores.Passkeys.TryAddAsync(New(ids[i / 2 % 2], 1), 100, None));

        Assert.Single(added, success => success);
        Assert.Equal(ids[Array.IndexOf(added, true) / 2 % 2], (await node.Stores.Passkeys.FindAsync(New(ids[0], 1).CredentialId, None))!.Subject);
    }

    [Theory]
    [OnBothDatabases]
    public async Task Nobody_has_more_than_are_allowed_also_when_many_are_added_at_once(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var (id, other) = (await node.AddAsync("ada"), await node.AddAsync("eve"));
        await node.Stores.Passkeys.TryAddAsync(New(other, 99), 5, None);

        Assert.Equal(5, (await node.AtOnceAsync((stores, i) => stores.Passkeys.TryAddAsync(New(id, i), 5, None))).Count(success => success));
        Assert.Equal(5, (await node.Stores.Passkeys.ListAsync(id, None)).Count);
        Assert.False(await node.Stores.Passkeys.TryAddAsync(New(Guid.NewGuid().ToString("N"), 100), 5, None));
        Assert.False(await node.Stores.Passkeys.TryAddAsync(New("ada", 100), 5, None));
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_signature_that_is_used_many_times_at_once_counts_once(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var id = await node.AddAsync("ada");
        var passkey = New(id, 1) with { SignCount = 7 };
        await node.Stores.Passkeys.TryAddAsync(passkey, 5, None);

        var used = await node.AtOnceAsync((stores, i) => stores.Passkeys.TryUseAsync(passkey.CredentialId, 7, 8, i % 2 == 0, Start.AddMinutes(1), None));

        Assert.Single(used, success => success);
        var found = (await node.Stores.Passkeys.FindAsync(passkey.CredentialId, None))!;
        Assert.Equal((8u, Array.IndexOf(used, true) % 2 == 0, Start.AddMinutes(1)), (found.SignCount, found.IsBackedUp, found.LastUsed));
    }

    // WebAuthn level 2 §7.2 step 21.
    [Theory]
    [OnBothDatabases]
    public async Task A_counter_that_does_not_grow_is_refused_but_for_one_that_is_always_zero(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var id = await node.AddAsync("ada");
        var (counting, plain) = (New(id, 1) with { SignCount = 7 }, New(id, 2) with { SignCount = 0 });
        await node.Stores.Passkeys.TryAddAsync(counting, 5, None);
        await node.Stores.Passkeys.TryAddAsync(plain, 5, None);

        foreach (var (former, next) in new[] { (7u, 7u), (7u, 6u), (7u, 0u), (6u, 8u), (0u, 0u), (0u, 9u) })
            Assert.False(await node.Stores.Passkeys.TryUseAsync(counting.CredentialId, former, next, false, Start, None));
        Assert.True(await node.Stores.Passkeys.TryUseAsync(counting.CredentialId, 7, uint.MaxValue, false, Start, None));
        Assert.True(await node.Stores.Passkeys.TryUseAsync(plain.CredentialId, 0, 0, false, Start, None));
        Assert.True(await node.Stores.Passkeys.TryUseAsync(plain.CredentialId, 0, 0, false, Start, None));
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_passkey_is_removed_by_its_owner_alone_and_is_used_no_more(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var (id, other) = (await node.AddAsync("ada"), await node.AddAsync("eve"));
        var passkeys = new[] { New(id, 1), New(id, 2) with { Created = Start.AddMinutes(-1) } };
        foreach (var passkey in passkeys) await node.Stores.Passkeys.TryAddAsync(passkey, 5, None);
        Assert.Equal(["key 2", "key 1"], (await node.Stores.Passkeys.ListAsync(id, None)).Select(passkey => passkey.Label));

        Assert.False(await node.Stores.Passkeys.RemoveAsync(other, passkeys[0].CredentialId, None));
        Assert.False(await node.Stores.Passkeys.RemoveAsync("ada", passkeys[0].CredentialId, None));
        Assert.True(await node.Other.Passkeys.RemoveAsync(id, passkeys[0].CredentialId, None));
        Assert.False(await node.Stores.Passkeys.RemoveAsync(id, passkeys[0].CredentialId, None));
        Assert.False(await node.Stores.Passkeys.TryUseAsync(passkeys[0].CredentialId, 0, 0, false, Start, None));
        Assert.Equal("key 2", Assert.Single(await node.Stores.Passkeys.ListAsync(id, None)).Label);
        Assert.Empty(await node.Stores.Passkeys.ListAsync(other, None));
    }

    [Fact]
    public async Task What_does_not_fit_is_a_fault_of_the_caller()
    {
        await using var node = await TestNode.StartAsync(DatabaseKind.Sqlite);
        var passkey = New(await node.AddAsync("ada"), 1);

        foreach (var wrong in new[] { passkey with { CredentialId = default }, passkey with { CredentialId = new byte[1024] }, passkey with { PublicKey = default }, passkey with { PublicKey = new byte[2049] }, passkey with { Label = new string('x', 101) } })
            await Assert.ThrowsAsync<ArgumentException>(() => node.Stores.Passkeys.TryAddAsync(wrong, 5, None));
        Assert.True(await node.Stores.Passkeys.TryAddAsync(passkey with { Label = new string('語', 100) }, 5, None));
    }

    internal static Passkey New(string subject, int number) => new()
    {
        CredentialId = Octets(16, (byte)number),
        Subject = subject,
        PublicKey = Octets(77, 1),
        Label = $"key {number}",
        SignCount = 0,
        IsBackedUp = false,
        Created = Start,
    };

    private static byte[] Octets(int count, byte value) => [.. Enumerable.Repeat(value, count)];
}
