using System.Text;

namespace Portcullis.Trust.Passwords;

/// <summary>
/// What a new password must be (NIST SP 800-63B-4, passwords): long enough and not easy to guess. No rules of composition, no periodic change, spaces and
/// all scripts welcome. Immutable, safe from any thread.
/// </summary>
public sealed class PasswordRules
{
    /// <summary>The shortest that may be configured. NIST wants 15 where a password is the only factor, and 8 beside another one.</summary>
    public const int LeastMinimum = 8;

    /// <summary>The longest minimum that may be configured: NIST wants 64 characters to be possible.</summary>
    public const int GreatestMinimum = 64;

    /// <summary>The default minimum.</summary>
    public const int UsualMinimum = 12;

    private const int ShortestContextWord = 4;
    private const int MostContextWords = 64;
    private const int LeastBesideContext = 8;

    private readonly int minimum;
    private readonly string[] service;

    /// <param name="minimumLength">Fewest characters.</param>
    /// <param name="serviceWords">Names of the service, such as its host; their words may not make up a password.</param>
    public PasswordRules(int minimumLength, IEnumerable<string> serviceWords)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(minimumLength, LeastMinimum);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minimumLength, GreatestMinimum);
        minimum = minimumLength;
        service = Words(serviceWords);
    }

    /// <summary>Null where the password may be taken, which is then in <paramref name="password"/>; else why not.</summary>
    /// <param name="typed">What was typed.</param>
    /// <param name="personWords">Names of the person: sign-in name, address, display name.</param>
    /// <param name="password">The password, null where it is refused.</param>
    public PasswordRefusal? Judge(ReadOnlySpan<char> typed, IEnumerable<string> personWords, out Password? password)
    {
        var refusal = Password.Read(typed, out password) switch
        {
            PasswordForm.Empty => new PasswordRefusal(PasswordFault.Empty, "Type a password."),
            PasswordForm.TooLong => new(PasswordFault.TooLong, $"This is too long: take at most {Password.MaximumLength} characters."),
            PasswordForm.Unacceptable => new(PasswordFault.Unacceptable, "This has a character that can't be part of a password, such as a line break or one that is newer than this service."),
            _ => JudgeText(password!, personWords),
        };
        if (refusal is not null)
            password = null;
        return refusal;
    }

    private PasswordRefusal? JudgeText(Password password, IEnumerable<string> personWords)
    {
        if (password.Length < minimum)
            return new(PasswordFault.TooShort, $"This is too short: take at least {minimum} characters. Several words in a row are easy to remember.");

        var lower = Encoding.UTF8.GetString(password.Bytes).ToLowerInvariant();
        if (PasswordPattern.IsRepetition(lower, LeastMinimum) || PasswordPattern.IsSequence(lower))
            return new(PasswordFault.Pattern, "This repeats itself or follows the alphabet or the keyboard, which is tried first. Several words that have nothing to do with each other are better.");
        if (PasswordPattern.IsCommon(lower))
            return new(PasswordFault.Common, "Many people have used this password or one much like it, so it is tried first. Take something of your own.");

        var rest = lower;
        foreach (var word in service.Concat(Words(personWords)).OrderByDescending(word => word.Length))
            rest = rest.Replace(word, string.Empty, StringComparison.Ordinal);
        if (rest.Length < lower.Length && (rest.Length < LeastBesideContext || PasswordPattern.IsSequence(rest) || PasswordPattern.IsCommon(rest)))
            return new(PasswordFault.Context, "This is little more than your name or the name of the service, which is tried first. Take something that has nothing to do with them.");
        return null;
    }

    /// <summary>Whole names and the words in them, in the form that passwords have, in lower case.</summary>
    private static string[] Words(IEnumerable<string> names)
    {
        var words = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in names.Take(MostContextWords))
        {
            if (Password.Read(name, out var read) != PasswordForm.Usable)
                continue;
            var lower = Encoding.UTF8.GetString(read!.Bytes).ToLowerInvariant();
            string[] parts = [lower, .. lower.Split(' ', '.', '-', '_', '@', '+', ':', '/')];
            words.UnionWith(parts.Where(part => part.Length >= ShortestContextWord));
        }

        // Words that stand in every address say nothing of this service.
        words.ExceptWith(["https", "http", "www"]);
        return [.. words.Take(MostContextWords)];
    }
}
