using Portcullis.Trust.Passwords;

namespace Portcullis.Trust.Tests.Passwords;

public sealed class PasswordRulesTests
{
    private static readonly PasswordRules rules = new(PasswordRules.UsualMinimum, ["api.northwind.example", "Portcullis"]);
    private static readonly string[] person = ["maria.hofer@northwind.example", "Maria Hofer"];

    [Theory]
    [InlineData("correct horse battery staple")]
    [InlineData("the moon is late tonight")]
    [InlineData("kX9#vq2!Lm7z")]
    [InlineData("všechno je jinak")]
    [InlineData("月が綺麗ですね本当に今夜も")]
    [InlineData("mariachi plays on tuesdays")]
    [InlineData("aaaa bbbb tulip cccc")]
    public void Long_and_unguessable_is_enough(string typed)
    {
        Assert.Null(rules.Judge(typed, person, out var password));
        Assert.NotNull(password);
    }

    [Theory]
    [InlineData("", PasswordFault.Empty)]
    [InlineData("kX9#vq2!Lm7", PasswordFault.TooShort)]
    [InlineData("passwordpassword", PasswordFault.Common, PasswordFault.Pattern)]
    [InlineData("Password2024!", PasswordFault.Common)]
    [InlineData("P@ssw0rd2024!", PasswordFault.Common)]
    [InlineData("p-a-s-s-w-o-r-d", PasswordFault.Common)]
    [InlineData("123liverpool!", PasswordFault.Common)]
    [InlineData("ILOVEYOU!!!!!", PasswordFault.Common)]
    [InlineData("1qaz2wsx3edc", PasswordFault.Common)]
    [InlineData("abcabcabcabcabc", PasswordFault.Pattern)]
    [InlineData("aaaaaaaaaaaaaaaa", PasswordFault.Pattern)]
    [InlineData("abcdefghijklmnop", PasswordFault.Pattern)]
    [InlineData("qwertyuiop123456", PasswordFault.Pattern)]
    [InlineData("098765432109876", PasswordFault.Pattern)]
    [InlineData("Northwind2024", PasswordFault.Context)]
    [InlineData("maria.hofer@northwind.example", PasswordFault.Context)]
    [InlineData("MariaHofer1987", PasswordFault.Context)]
    [InlineData("hofer-password1", PasswordFault.Context)]
    [InlineData("portcullis 12345678", PasswordFault.Context)]
    [InlineData("with a line\nbreak", PasswordFault.Unacceptable)]
    public void What_is_tried_first_is_refused_with_the_reason(string typed, params PasswordFault[] faults)
    {
        var refusal = rules.Judge(typed, person, out var password);

        Assert.Null(password);
        Assert.NotNull(refusal);
        Assert.Contains(refusal.Fault, faults);
        Assert.EndsWith(".", refusal.Text);
        if (typed.Length > 0)
            Assert.DoesNotContain(typed, refusal.Text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_password_of_letters_that_look_wide_is_the_password_they_stand_for() =>
        Assert.Equal(PasswordFault.Common, rules.Judge("Ｐａｓｓｗｏｒｄ２０２４！", [], out _)!.Fault);

    [Fact]
    public void One_character_that_normalizes_to_eighteen_is_too_short() => Assert.Equal(PasswordFault.TooShort, rules.Judge("\uFDFA", [], out _)!.Fault);

    [Theory]
    [InlineData(8, "tulip-fx", true)]
    [InlineData(8, "baseball", false)]
    [InlineData(64, "correct horse battery staple", false)]
    public void The_minimum_is_configurable(int minimum, string typed, bool accepted) => Assert.Equal(accepted, new PasswordRules(minimum, []).Judge(typed, [], out _) is null);

    [Fact]
    public void The_minimum_has_bounds()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new PasswordRules(7, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PasswordRules(65, []));
    }

    [Fact]
    public void The_list_is_whole_and_random_passwords_are_hardly_ever_on_it()
    {
        Assert.InRange(CommonPasswords.Count, 49_000, 50_000);
        foreach (var known in new[] { "123456", "password", "qwerty", "letmein", "dragon", "1q2w3e4r5t", "trustno1" })
            Assert.True(CommonPasswords.Contains(known), known);

        var random = new Random(3);
        var wrong = 0;
        for (var i = 0; i < 100_000; i++)
            wrong += CommonPasswords.Contains($"{random.NextInt64():x}{i}") ? 1 : 0;
        Assert.InRange(wrong, 0, 12);
    }

    [Fact]
    public void Judging_hostile_input_takes_no_time()
    {
        var words = Enumerable.Range(0, 10_000).Select(i => new string('a', 200) + i).ToArray();
        var start = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < 100; i++)
        {
            rules.Judge(new string('a', 255) + "b", words, out _);
            rules.Judge(string.Concat(Enumerable.Repeat("a\u0301\u0323", 80)), words, out _);
            rules.Judge(new string('\u0301', 256), words, out _);
        }

        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(10));
    }
}
