using Portcullis.Gateway.Identity.Events;
using Portcullis.Gateway.Identity.Revocations;
using Portcullis.Gateway.Tests.Identity.Memory;

namespace Portcullis.Gateway.Tests.Identity.Revocations;

public sealed class RevocationListTests
{
    private readonly ManualTimeProvider clock = new();
    private readonly RecordedEvents events = new();
    private readonly RevocationList list;

    public RevocationListTests() => list = new RevocationList(clock, events, maximum: 1000, maximumPerClient: 100);

    [Theory]
    [InlineData(RevocationKind.Token, "t", true)]
    [InlineData(RevocationKind.Grant, "g", true)]
    [InlineData(RevocationKind.Session, "s", true)]
    [InlineData(RevocationKind.Subject, "u", true)]
    [InlineData(RevocationKind.Client, "c", true)]
    [InlineData(RevocationKind.Token, "g", false)]
    [InlineData(RevocationKind.Grant, "t", false)]
    [InlineData(RevocationKind.Session, "u", false)]
    [InlineData(RevocationKind.Subject, "c", false)]
    [InlineData(RevocationKind.Client, "u", false)]
    public void A_token_ends_by_what_it_is_of_and_by_nothing_else(RevocationKind kind, string id, bool isRevoked)
    {
        list.Add(new Revocation(kind, id, clock.GetUtcNow()));
        Assert.Equal(isRevoked, list.Contains(Marks()));
    }

    [Fact]
    public void Ids_of_outside_issuers_are_their_own()
    {
        list.Add(new Revocation(RevocationKind.Subject, "u", clock.GetUtcNow()) { Issuer = "https://login.example" });
        Assert.False(list.Contains(Marks()));
        Assert.True(list.Contains(Marks(issuer: "https://login.example")));
    }

    [Theory]
    [InlineData(RevocationKind.Subject, "u")]
    [InlineData(RevocationKind.Client, "c")]
    public void Later_tokens_of_a_subject_or_client_count(RevocationKind kind, string id)
    {
        list.Add(new Revocation(kind, id, clock.GetUtcNow()));
        Assert.True(list.Contains(Marks(clock.Seconds)));
        Assert.False(list.Contains(Marks(clock.Seconds + 1)));

        // An older revocation that arrives late takes nothing back.
        list.Add(new Revocation(kind, id, clock.GetUtcNow().AddSeconds(-60)));
        Assert.True(list.Contains(Marks(clock.Seconds)));
    }

    [Fact]
    public void A_token_without_a_date_ends_with_its_subject()
    {
        list.Add(new Revocation(RevocationKind.Subject, "u", clock.GetUtcNow()));
        Assert.True(list.Contains(Marks(0)));
    }

    [Fact]
    public void Each_addition_is_seen_by_tokens_that_were_cleared_before()
    {
        var before = list.Version;
        list.Add(new Revocation(RevocationKind.Token, "t", clock.GetUtcNow()));
        Assert.NotEqual(before, list.Version);
    }

    [Fact]
    public void What_is_over_goes_and_what_is_long_over_is_not_taken()
    {
        list.Add(new Revocation(RevocationKind.Token, "old", clock.GetUtcNow() - Revocation.Longest));
        Assert.Equal(0, list.Count);

        var many = new RevocationList(clock);
        for (var i = 0; i < 1024; i++) many.Add(new Revocation(RevocationKind.Token, $"t{i}", clock.GetUtcNow()) { ClientId = $"c{i % 7}", Until = clock.GetUtcNow().AddMinutes(1) });
        clock.Advance(TimeSpan.FromMinutes(1));
        many.Add(new Revocation(RevocationKind.Token, "t", clock.GetUtcNow()));
        Assert.Equal(1, many.Count);
    }

    [Fact]
    public void One_client_that_revokes_without_end_ends_its_own_tokens_alone()
    {
        for (var i = 0; i <= 100; i++) list.Add(new Revocation(RevocationKind.Token, $"t{i}", clock.GetUtcNow()) { ClientId = "c" });
        Assert.Equal(1, list.Count);
        Assert.True(list.Contains(Marks()));
        Assert.True(list.Contains(new RevocationMarks(RevocationMarks.Mark(RevocationKind.Token, "", "t5"), 0, 0, 0, RevocationMarks.Mark(RevocationKind.Client, "", "c"), clock.Seconds)));
        Assert.False(list.Contains(Marks(client: "another")));
        Assert.Equal((SecurityEventKind.RevocationsCollapsed, "c"), (events.All.Single().Kind, events.All.Single().ClientId));
    }

    [Fact]
    public void At_the_cap_everybody_signs_in_again_and_nobody_is_let_in_who_was_revoked()
    {
        for (var i = 0; i <= 1000; i++) list.Add(new Revocation(RevocationKind.Grant, $"g{i}", clock.GetUtcNow()));
        Assert.InRange(list.Count, 0, 1000);
        Assert.True(list.Contains(Marks()));
        Assert.False(list.Contains(Marks(clock.Seconds + 1)));
        Assert.Contains(SecurityEventKind.RevocationsCollapsed, events.Kinds);
    }

    [Fact]
    public void What_names_nothing_is_a_mistake()
    {
        Assert.Throws<ArgumentException>(() => list.Add(new Revocation(RevocationKind.None, "x", clock.GetUtcNow())));
        Assert.Throws<ArgumentException>(() => list.Add(new Revocation(RevocationKind.Token, "", clock.GetUtcNow())));
        Assert.False(list.Contains(default));
    }

    [Fact]
    public async Task Added_from_many_threads_all_are_there()
    {
        var many = new RevocationList(clock);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                many.Add(new Revocation(RevocationKind.Token, $"{thread} {i}", clock.GetUtcNow()) { ClientId = $"c{thread}" });
                Assert.True(many.Contains(new RevocationMarks(RevocationMarks.Mark(RevocationKind.Token, "", $"{thread} {i}"), 0, 0, 0, 0, clock.Seconds)));
            }
        })));
        Assert.Equal(8000, many.Count);
    }

    [Fact]
    public void Looking_up_allocates_nothing()
    {
        list.Add(new Revocation(RevocationKind.Token, "another", clock.GetUtcNow()));
        var marks = Marks();
        Assert.Equal(0, AllocatedBytes.PerOperation(() => list.Contains(marks)));
    }

    private RevocationMarks Marks(long? issuedAt = null, string issuer = "", string client = "c") => new(
        RevocationMarks.Mark(RevocationKind.Token, issuer, "t"),
        RevocationMarks.Mark(RevocationKind.Grant, issuer, "g"),
        RevocationMarks.Mark(RevocationKind.Session, issuer, "s"),
        RevocationMarks.Mark(RevocationKind.Subject, issuer, "u"),
        RevocationMarks.Mark(RevocationKind.Client, issuer, client),
        issuedAt ?? clock.Seconds);
}
