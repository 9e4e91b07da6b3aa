using Portcullis.Trust.Keys;
using Portcullis.Trust.Sealing;

namespace Portcullis.Trust.Tests.Keys;

/// <summary>Clocks that are wrong for a while.</summary>
public sealed class KeyRingClockTests : IDisposable
{
    private static readonly TimeSpan years = TimeSpan.FromDays(3650);

    private readonly TemporaryDirectory directory = new();
    private readonly ManualTimeProvider clock = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void A_clock_a_little_behind_changes_nothing()
    {
        using var ring = Rings.Open(directory, clock);
        ring.Rotate(KeyPurpose.Data);
        clock.Advance(TimeSpan.FromMinutes(-9));

        Assert.False(ring.Advance());
    }

    [Fact]
    public void A_key_made_while_the_clock_was_ahead_is_replaced_in_its_time_all_the_same()
    {
        clock.Advance(years);
        using var ring = Rings.Open(directory, clock);
        var first = ring.Find(KeyPurpose.TokenSigning, KeyState.Active).Id;
        clock.Advance(-years);

        Assert.True(ring.Advance());
        Assert.False(ring.Advance());
        Assert.Equal(clock.GetUtcNow(), ring.Find(KeyPurpose.TokenSigning, KeyState.Active).Activates);
        clock.Advance(Rings.Period - Rings.Lead);
        Assert.True(ring.Advance());
        clock.Advance(Rings.Lead);
        ring.Advance();

        Assert.NotEqual(first, ring.Find(KeyPurpose.TokenSigning, KeyState.Active).Id);
    }

    [Fact]
    public void A_successor_made_while_the_clock_was_ahead_takes_over_after_its_lead_time()
    {
        using var ring = Rings.Open(directory, clock);
        clock.Advance(TimeSpan.FromDays(30));
        var successor = ring.Rotate(KeyPurpose.TokenSigning).Id;
        clock.Advance(TimeSpan.FromDays(-30));

        ring.Advance();
        Assert.Equal(KeyState.Pending, ring.StateOf(successor));
        clock.Advance(Rings.Lead);
        ring.Advance();

        Assert.Equal(KeyState.Active, ring.StateOf(successor));
    }

    [Fact]
    public void A_key_retired_while_the_clock_was_ahead_goes_when_its_tokens_have_expired()
    {
        using var ring = Rings.Open(directory, clock);
        var old = ring.Find(KeyPurpose.TokenSigning, KeyState.Active).Id;
        clock.Advance(TimeSpan.FromDays(30));
        ring.Rotate(KeyPurpose.TokenSigning, immediately: true);
        clock.Advance(TimeSpan.FromDays(-30));

        ring.Advance();
        clock.Advance(Rings.TokenLife);
        ring.Advance();
        Assert.Equal(KeyState.Retired, ring.StateOf(old));
        clock.Advance(KeyPolicy.RetirementMargin);
        ring.Advance();
        Assert.Equal(KeyState.Destroyed, ring.StateOf(old));
    }

    [Fact]
    public void Whatever_the_clock_does_each_purpose_has_one_active_key_and_data_opens()
    {
        using var ring = Rings.Open(directory, clock);
        var sealer = new Sealer(ring, KeyPurpose.Data);
        var context = SealingContext.Of("t");
        var values = new List<byte[]>();
        var random = new Random(7);
        for (var i = 0; i < 200; i++)
        {
            clock.Advance(TimeSpan.FromDays(random.Next(-120, 121)));
            ring.Advance();
            Assert.Single(ring.Current.Keys, key => key.Purpose == KeyPurpose.TokenSigning && key.State == KeyState.Active);
            Assert.True(ring.Current.Keys.Count(key => key.Purpose == KeyPurpose.Data && key.State == KeyState.Pending) <= 1);
            values.Add(sealer.Seal("value"u8, context));
        }

        Assert.All(values, value => Assert.Equal(UnsealOutcome.Opened, sealer.Open(value, context, out _)));
    }
}
