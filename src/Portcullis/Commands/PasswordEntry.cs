using System.CommandLine;
using System.Text;
using Portcullis.Trust.Passwords;

namespace Portcullis.Commands;

/// <summary>How a verb gets a person's password: typed twice without being shown, or as the first line of standard input where a script says so. Never as an argument, which others on the machine can see.</summary>
internal sealed class PasswordEntry
{
    // What is longer is no password; a script that sends a file by mistake is not read to its end.
    private const int Longest = 4096;

    /// <summary><c>--password-stdin</c>.</summary>
    public Option<bool> FromInput { get; } = new("--password-stdin") { Description = "Takes the password from the first line of standard input, for scripts. Without it the password is typed" };

    /// <summary>The password and null, or null and the exit code of what was complained about.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="rules">What a password must be.</param>
    /// <param name="personWords">Names of the person, which may not make up the password.</param>
    public (Password? Password, int? Refused) Read(ParseResult parsed, PasswordRules rules, IEnumerable<string> personWords)
    {
        var typed = parsed.GetValue(FromInput) ? FirstLine() : Console.IsInputRedirected ? null : TypedTwice(parsed);
        if (typed is null)
        {
            return (null, Complaint.Write(
                parsed,
                parsed.GetValue(FromInput) ? "standard input has no password in UTF-8" : Console.IsInputRedirected ? "there is no terminal to type a password at" : "the two passwords differ",
                parsed.GetValue(FromInput) || Console.IsInputRedirected ? "send it as one line: printf '%s\\n' \"$PASSWORD\" | portcullis user … --password-stdin" : "type the same twice"));
        }

        var refusal = rules.Judge(typed, personWords, out var password);
        return refusal is null ? (password, null) : (null, Complaint.Write(parsed, "this password is not taken", refusal.Text));
    }

    private static string? FirstLine()
    {
        using var input = Console.OpenStandardInput();
        var line = new byte[Longest];
        var length = 0;
        while (length < line.Length && line.AsSpan(0, length).IndexOf((byte)'\n') < 0 && input.Read(line, length, line.Length - length) is > 0 and var read) length += read;
        var end = line.AsSpan(0, length).IndexOf((byte)'\n');
        if (end < 0) end = length;
        if (end > 0 && line[end - 1] == '\r') end--;
        try
        {
            return end == Longest ? null : new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(line, 0, end);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
        finally
        {
            Array.Clear(line);
        }
    }

    private static string? TypedTwice(ParseResult parsed)
    {
        var first = Typed(parsed, "Password: ");
        return first == Typed(parsed, "Once more: ") ? first : null;
    }

    // The prompt goes where it does not get into what a script takes from standard output.
    private static string Typed(ParseResult parsed, string prompt)
    {
        var error = parsed.InvocationConfiguration.Error;
        error.Write(prompt);
        var text = new StringBuilder();
        while (true)
        {
            var key = Console.ReadKey(intercept: true);
            if (key.Key == ConsoleKey.Enter) break;
            if (key.Key == ConsoleKey.Backspace && text.Length > 0) text.Length -= char.IsLowSurrogate(text[^1]) && text.Length > 1 ? 2 : 1;
            else if (key.KeyChar != '\0' && key.Key != ConsoleKey.Backspace && text.Length < Longest) text.Append(key.KeyChar);
        }

        error.WriteLine();
        return text.ToString();
    }
}
