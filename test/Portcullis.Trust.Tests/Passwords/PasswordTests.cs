using Portcullis.Trust.Passwords;

namespace Portcullis.Trust.Tests.Passwords;

public sealed class PasswordTests
{
    [Fact]
    public void One_password_typed_on_two_keyboards_is_one_password()
    {
        Assert.Equal(Bytes("Ångström ﬁn"), Bytes("A\u030Angstro\u0308m fin"));
        Assert.NotEqual(Bytes("Ångström"), Bytes("ångström"));
        Assert.NotEqual(Bytes("two  spaces"), Bytes("two spaces"));
        Assert.NotEqual(Bytes(" led"), Bytes("led"));
    }

    [Fact]
    public void Nothing_is_cut_off_at_the_end()
    {
        var longest = new string('a', Password.MaximumLength);
        Assert.Equal(Password.MaximumLength, Bytes(longest).Length);
        Assert.NotEqual(Bytes(longest[1..] + "a"), Bytes(longest[1..] + "b"));
        Assert.Equal(PasswordForm.TooLong, Password.Read(longest + "b", out var none));
        Assert.Null(none);
    }

    [Fact]
    public void Length_counts_characters_and_not_code_units()
    {
        Assert.Equal(PasswordForm.Usable, Password.Read(string.Concat(Enumerable.Repeat("🔑", 256)), out var keys));
        Assert.Equal(256, keys!.Length);
        Assert.Equal(PasswordForm.TooLong, Password.Read(string.Concat(Enumerable.Repeat("🔑", 257)), out _));
    }

    [Fact]
    public void A_character_that_normalizes_to_many_counts_once_and_can_not_make_the_text_huge()
    {
        Assert.Equal(PasswordForm.Usable, Password.Read("\uFDFA", out var one));
        Assert.Equal(1, one!.Length);
        Assert.Equal(PasswordForm.TooLong, Password.Read(new string('\uFDFA', 256), out _));
        Assert.Equal(PasswordForm.TooLong, Password.Read(new string('\uFDFA', 1_000_000), out _));
    }

    [Theory]
    [InlineData("", PasswordForm.Empty)]
    [InlineData("line\nbreak", PasswordForm.Unacceptable)]
    [InlineData("null\0", PasswordForm.Unacceptable)]
    [InlineData("\u0378 is not assigned", PasswordForm.Unacceptable)]
    [InlineData("delete\u007f", PasswordForm.Unacceptable)]
    public void What_can_not_be_typed_alike_everywhere_is_refused(string typed, PasswordForm form) => Assert.Equal(form, Password.Read(typed, out _));

    // Written as characters: a test's arguments would come back with U+FFFD in place of the halves.
    [Fact]
    public void Half_a_pair_is_refused_and_so_is_what_decoders_put_in_its_place()
    {
        foreach (var typed in new char[][] { ['h', '\uD83D'], ['\uDD11', 'h'], ['\uDD11', '\uD83D'], ['h', '\uFFFD'] })
            Assert.Equal(PasswordForm.Unacceptable, Password.Read(typed, out _));
    }

    [Fact]
    public void A_password_is_not_printed()
    {
        Password.Read("swordfish", out var password);
        Assert.Equal("[redacted]", $"{password}");
    }

    private static byte[] Bytes(string typed)
    {
        Assert.Equal(PasswordForm.Usable, Password.Read(typed, out var password));
        return password!.Bytes.ToArray();
    }
}
