using Portcullis.Trust.OneTimeCodes;

namespace Portcullis.Trust.Tests.OneTimeCodes;

public sealed class RecoveryCodesTests
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    [Fact]
    public void A_set_has_ten_different_codes_that_are_found_by_their_hashes()
    {
        var codes = RecoveryCodes.Generate();
        var stored = codes.Select(code => code.Hash).ToList();

        Assert.Equal(10, codes.Select(code => code.Text.Reveal()).Distinct().Count());
        for (var i = 0; i < codes.Count; i++)
        {
            Assert.Matches("^([0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]{5}$", codes[i].Text.Reveal());
            Assert.Equal(i, RecoveryCodes.Find(stored, Hash(codes[i].Text.Reveal())!));
        }

        stored.RemoveAt(3);
        Assert.Equal(-1, RecoveryCodes.Find(stored, Hash(codes[3].Text.Reveal())!));
        Assert.Equal(-1, RecoveryCodes.Find([], Hash(codes[3].Text.Reveal())!));
    }

    [Fact]
    public void A_code_is_read_as_people_type_it()
    {
        for (var i = 0; i < 50; i++)
        {
            var code = RecoveryCodes.Generate()[0].Text.Reveal();
            var expected = Hash(code);
            Assert.Equal(expected, Hash(code.ToLowerInvariant()));
            Assert.Equal(expected, Hash(code.Replace("-", "", StringComparison.Ordinal)));
            Assert.Equal(expected, Hash("  " + code.Replace('-', ' ').Replace('0', 'o').Replace('1', 'l')));
            Assert.Equal(expected, Hash(code.Replace('0', 'O').Replace('1', 'I')));
        }
    }

    [Fact]
    public void Every_wrong_character_and_every_swap_of_neighbours_is_noticed()
    {
        var code = RecoveryCodes.Generate()[0].Text.Reveal().Replace("-", "", StringComparison.Ordinal);
        for (var i = 0; i < code.Length; i++)
        {
            foreach (var other in Alphabet.Where(other => other != code[i]))
                Assert.Null(Hash(code[..i] + other + code[(i + 1)..]));
            if (i + 1 < code.Length && code[i] != code[i + 1])
                Assert.Null(Hash(code[..i] + code[i + 1] + code[i] + code[(i + 2)..]));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----")]
    [InlineData("UUUUU-UUUUU-UUUUU-UUUUU-UUUUU")]
    [InlineData("０００００-00000-00000-00000-00000")]
    [InlineData("00000-00000-00000-00000-0000")]
    [InlineData("00000-00000-00000-00000-000000")]
    public void What_is_no_code_is_refused(string typed) => Assert.Null(Hash(typed));

    [Fact]
    public void A_long_text_is_no_code() => Assert.Null(Hash(new string('-', 1_000_000)));

    [Fact]
    public void A_code_is_not_printed() => Assert.DoesNotContain(RecoveryCodes.Generate().Select(code => code.ToString()), text => !text.Contains("[redacted]", StringComparison.Ordinal));

    // The stored form is frozen: the hash of 25 zeros, whose check characters are zeros, too.
    [Fact]
    public void The_hash_is_frozen() => Assert.Equal("74e2c24740b7492ee130e2f1d0798cf179b7bdd41c48ebcdc2759c9b74091437", Convert.ToHexStringLower(Hash("00000-00000-00000-00000-00000")!));

    private static byte[]? Hash(string typed)
    {
        var hash = new byte[32];
        return RecoveryCodes.TryHash(typed, hash) ? hash : null;
    }
}
