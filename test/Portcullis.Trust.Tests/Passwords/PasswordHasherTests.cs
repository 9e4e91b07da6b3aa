using System.Diagnostics;
using System.Text;
using Portcullis.Trust.Passwords;

namespace Portcullis.Trust.Tests.Passwords;

public sealed class PasswordHasherTests
{
    private static readonly CancellationToken none = CancellationToken.None;

    // RFC 6070 has SHA-1 alone; these are its inputs under SHA-512, as Python's hashlib.pbkdf2_hmac has them.
    [Theory]
    [InlineData("password", "salt", 1, "867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce")]
    [InlineData("password", "salt", 2, "e1d9c16aa681708a45f5c7c4e215ceb66e011a2e9f0040713f18aefdb866d53cf76cab2868a39b9f7840edce4fef5a82be67335c77a6068e04112754f27ccf4e")]
    [InlineData("password", "salt", 4096, "d197b1b33db0143e018b12f3d1d1479e6cdebdcc97c5c0f87f6902e072f457b5143f30602641b3d55cd335988cb36b84376060ecd532e039b742a239434af2d5")]
    public void The_derivation_is_PBKDF2_with_HMAC_SHA_512(string password, string salt, int iterations, string expected) =>
        Assert.Equal(expected, Convert.ToHexStringLower(PasswordHash.Derive(Encoding.ASCII.GetBytes(password), Encoding.ASCII.GetBytes(salt), iterations)));

    [Fact]
    public async Task The_password_is_right_and_every_other_wrong()
    {
        using var hasher = new PasswordHasher(PasswordCost.Unsafe(1000));
        var stored = await hasher.HashAsync(Read("correct horse battery"), none);

        Assert.Equal(PasswordCheck.Right, await hasher.VerifyAsync(Read("correct horse battery"), stored, none));
        foreach (var wrong in new[] { "Correct horse battery", "correct horse batter", "correct horse battery ", "x" })
            Assert.Equal(PasswordCheck.Wrong, await hasher.VerifyAsync(Read(wrong), stored, none));
        Assert.Equal(PasswordCheck.Wrong, await hasher.VerifyAsync(null, stored, none));
        Assert.Equal(PasswordCheck.Wrong, await hasher.VerifyAsync(Read("correct horse battery"), null, none));
    }

    [Fact]
    public async Task Two_hashes_of_one_password_differ()
    {
        using var hasher = new PasswordHasher(PasswordCost.Unsafe(1000));
        Assert.NotEqual(await hasher.HashAsync(Read("same"), none), await hasher.HashAsync(Read("same"), none));
    }

    [Fact]
    public async Task The_stored_form_is_frozen()
    {
        const string Stored = "$pbkdf2-sha512$i=1000$AAECAwQFBgcICQoLDA0ODw$ToxFUi5y3fprZRW_V6CupR2uIDYfuy5rlsF9Z4E648lE68lw5lzmucru_HdPvmBJDSLroVh1Q2xCvjqd8NI_6Q";
        using var hasher = new PasswordHasher(PasswordCost.Unsafe(1000));

        Assert.Equal(PasswordCheck.Right, await hasher.VerifyAsync(Read("correct horse battery"), Stored, none));
        Assert.True(PasswordHash.TryParse(Stored, out var parsed));
        Assert.Equal(Stored, parsed.ToString());
        Assert.StartsWith("$pbkdf2-sha512$i=220000$", await new PasswordHasher(PasswordCost.Default).HashAsync(Read("x"), none));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(2000)]
    public async Task A_hash_of_another_cost_is_right_but_to_be_made_anew(int before)
    {
        using var former = new PasswordHasher(PasswordCost.Unsafe(before));
        using var hasher = new PasswordHasher(PasswordCost.Unsafe(1000));
        var stored = await former.HashAsync(Read("correct horse battery"), none);

        Assert.Equal(PasswordCheck.RightButStale, await hasher.VerifyAsync(Read("correct horse battery"), stored, none));
        Assert.Equal(PasswordCheck.Wrong, await hasher.VerifyAsync(Read("wrong"), stored, none));
    }

    [Theory]
    [InlineData("")]
    [InlineData("$")]
    [InlineData("$pbkdf2-sha512$i=0$AAECAwQFBgcICQoLDA0ODw$")]
    [InlineData("$pbkdf2-sha512$i=10000001$AAECAwQFBgcICQoLDA0ODw$HASH")]
    [InlineData("$pbkdf2-sha512$i=01000$AAECAwQFBgcICQoLDA0ODw$HASH")]
    [InlineData("$pbkdf2-sha512$i=+1000$AAECAwQFBgcICQoLDA0ODw$HASH")]
    [InlineData("$pbkdf2-sha512$i=99999999999$AAECAwQFBgcICQoLDA0ODw$HASH")]
    [InlineData("$pbkdf2-sha512$i=1000$AAECAwQFBgcICQoLDA0O$HASH")]
    [InlineData("$pbkdf2-sha512$i=1000$AAECAwQFBgcICQoLDA0ODx$HASH")]
    [InlineData("$pbkdf2-sha512$i=1000$AAECAwQFBgcICQoLDA0ODw$")]
    [InlineData("$pbkdf2-sha512$i=1000$AAECAwQFBgcICQoLDA0ODw$HASH$")]
    [InlineData("$pbkdf2-sha1$i=1000$AAECAwQFBgcICQoLDA0ODw$HASH")]
    [InlineData("$2b$12$abcdefghijklmnopqrstuv")]
    public async Task A_damaged_hash_lets_nobody_in(string stored)
    {
        using var hasher = new PasswordHasher(PasswordCost.Unsafe(1000));
        stored = stored.Replace("HASH", new string('A', 86), StringComparison.Ordinal);
        Assert.False(PasswordHash.TryParse(stored, out _));
        Assert.Equal(PasswordCheck.Wrong, await hasher.VerifyAsync(Read("x"), stored, none));
    }

    // Unknown user, wrong password, hash of a lower cost, no password at all.
    [Fact]
    public async Task Nobody_can_tell_by_time_whether_there_is_a_user()
    {
        using var hasher = new PasswordHasher(PasswordCost.Unsafe(40_000));
        using var former = new PasswordHasher(PasswordCost.Unsafe(4_000));
        var password = Read("correct horse battery");
        var (stored, cheap) = (await hasher.HashAsync(password, none), await former.HashAsync(password, none));
        Func<Task>[] cases =
        [
            () => hasher.VerifyAsync(Read("wrong"), stored, none),
            () => hasher.VerifyAsync(Read("wrong"), null, none),
            () => hasher.VerifyAsync(Read("wrong"), cheap, none),
            () => hasher.VerifyAsync(null, stored, none),
            () => hasher.VerifyAsync(null, null, none),
        ];
        // Least of many: load on the machine only adds, so equal work shows itself sooner or later.
        // Without it the ratio is 10 and more, however often it is tried.
        var least = Enumerable.Repeat(double.MaxValue, cases.Length).ToArray();
        for (var round = 0; round < 200 && (round < 5 || least.Max() >= 1.5 * least.Min()); round++)
        {
            for (var i = 0; i < cases.Length; i++)
            {
                var start = Stopwatch.GetTimestamp();
                await cases[i]();
                least[i] = Math.Min(least[i], Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        Assert.True(least.Max() < 1.5 * least.Min(), string.Join(' ', least));
    }

    [Fact]
    public async Task A_flood_of_checks_is_answered_busy_and_holds_few_threads()
    {
        using var hasher = new PasswordHasher(PasswordCost.Unsafe(20_000), concurrency: 1);
        var stored = await hasher.HashAsync(Read("correct horse battery"), none);

        var checks = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => hasher.VerifyAsync(Read("correct horse battery"), stored, none)));

        Assert.InRange(checks.Count(check => check == PasswordCheck.Right), 33, 60);
        Assert.Equal(500, checks.Count(check => check is PasswordCheck.Right or PasswordCheck.Busy));
        Assert.Equal(PasswordCheck.Right, await hasher.VerifyAsync(Read("correct horse battery"), stored, none));
    }

    [Fact]
    public async Task Who_goes_away_while_waiting_takes_no_place()
    {
        using var hasher = new PasswordHasher(PasswordCost.Unsafe(200_000), concurrency: 1);
        using var gone = new CancellationTokenSource();
        var first = hasher.HashAsync(Read("x"), none);
        var waiting = Enumerable.Range(0, 32).Select(_ => hasher.HashAsync(Read("x"), gone.Token)).ToList();
        Assert.Null(await hasher.HashAsync(Read("x"), none));
        await gone.CancelAsync();
        foreach (var task in waiting)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);

        Assert.NotNull(await first);
        Assert.NotNull(await hasher.HashAsync(Read("x"), none));
    }

    [Fact]
    public void A_cost_below_the_recommended_is_no_cost()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => PasswordCost.Of(PasswordCost.Minimum - 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => PasswordCost.Of(PasswordCost.Maximum + 1));
        Assert.Equal(PasswordCost.Minimum, PasswordCost.Of(PasswordCost.Minimum).Iterations);
    }

    private static Password Read(string typed)
    {
        Assert.Equal(PasswordForm.Usable, Password.Read(typed, out var password));
        return password!;
    }
}
