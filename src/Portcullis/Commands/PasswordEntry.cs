using System.CommandLine;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Passwords;

namespace Portcullis.Commands;

/// <summary>How a verb gets a person's password: typed twice without being shown, or as the first line of standard input where a script says so. Never as an argument, which others on the machine can see.</summary>
internal sealed class PasswordEntry
{
    /// <summary>The password that was drawn; null for one that was typed or read.</summary>
    public string? Drawn { get; private set; }

    // What is longer is no password; a script that sends a file by mistake is not read to its end.
    private const int Longest = 4096;

    /// <summary><c>--password-stdin</c>.</summary>
    public Option<bool> FromInput { get; } = new("--password-stdin") { Description = "Takes the password from the first line of standard input, for scripts. Without it the password is typed" };

    /// <summary><c>--generate-password</c>.</summary>
    public Option<bool> Generate { get; } = new("--generate-password") { Description = "Draws a password and prints it, once" };

    /// <summary><c>--keep-password</c>.</summary>
    public Option<bool> Keep { get; } = new("--keep-password") { Description = "The person may keep the password, as one that they typed themselves. Without it they choose another one at the first sign-in" };

    /// <summary>The password; null, and complained about, where there is none that may be taken.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="rules">What a password must be.</param>
    /// <param name="personWords">Names of the person, which may not make up the password.</param>
    public Password? Read(ParseResult parsed, PasswordRules rules, IEnumerable<string> personWords)
    {
        if (parsed.GetValue(Generate) && parsed.GetValue(FromInput))
        {
            Complaint.Write(parsed, "a password is drawn or read, and not both", "use one of --generate-password and --password-stdin");
            return null;
        }

        // 128 bits, in 22 characters.
        if (parsed.GetValue(Generate) && Password.Read(Drawn = Secret.Generate(16).Reveal(), out var drawn) == PasswordForm.Usable) return drawn;
        var (typed, problem) = parsed.GetValue(FromInput) ? (Line(), "standard input has no password in UTF-8")
            : Console.IsInputRedirected ? (null, "there is no terminal to type a password at")
            : TypedTwice(parsed);
        if (typed is null)
        {
            Complaint.Write(parsed, problem, "type it twice at a terminal, or send it as one line: printf '%s\\n' \"$PASSWORD\" | portcullis user … --password-stdin");
            return null;
        }

        if (rules.Judge(typed, personWords, out var password) is not { } refusal) return password;
        Complaint.Write(parsed, "this password is not taken", refusal.Text);
        return null;
    }

    // At a terminal one reading gives one line.
    private static string? Line()
    {
        // Not the console's own stream, which edits lines itself at a terminal and shows what it reads.
        using var handle = new SafeFileHandle(0, ownsHandle: false);
        using var input = OperatingSystem.IsWindows() ? Console.OpenStandardInput() : new FileStream(handle, FileAccess.Read, bufferSize: 0);
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

    // Prompts go where they do not get into what a script takes from standard output, and only once nothing that is typed is shown.
    private static (string? Typed, string Problem) TypedTwice(ParseResult parsed)
    {
        var error = parsed.InvocationConfiguration.Error;
        error.WriteLine("What you type is not shown.");
        using var hidden = HiddenTyping.Begin();
        if (hidden is null) return (null, "this terminal can't be told not to show what is typed");
        error.Write("Password: ");
        var first = Line();
        error.WriteLine();
        error.Write("Once more: ");
        var second = Line();
        error.WriteLine();
        return first is not null && first == second ? (first, string.Empty) : (null, "the two passwords differ");
    }
}
