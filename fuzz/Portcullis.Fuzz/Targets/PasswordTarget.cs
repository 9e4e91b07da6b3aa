using System.Runtime.InteropServices;
using System.Text;
using Portcullis.Trust.Passwords;

namespace Portcullis.Fuzz.Targets;

/// <summary>What people type as a new password, as UTF-8 and as raw UTF-16 with its broken pairs: judged without an exception, and a refusal quotes nothing.</summary>
internal sealed class PasswordTarget : IFuzzTarget
{
    private readonly PasswordRules rules = new(PasswordRules.LeastMinimum, ["api.example.com"]);

    public string Name => "password";

    public IReadOnlyList<string> Dictionary { get; } = ["password", "qwerty", "1234", "\ufdfa", "\u0301", "\u0323", "\uac00", "\u1100", "\u1161", "\u11a8", "\uff21", "\u3000", "🔑", "example"];

    public void Run(ReadOnlySpan<byte> input)
    {
        Judge(Encoding.UTF8.GetString(input));
        Judge(MemoryMarshal.Cast<byte, char>(input));
    }

    private void Judge(ReadOnlySpan<char> typed)
    {
        var form = Password.Read(typed, out var read);
        BrokenInvariantException.Unless((form == PasswordForm.Usable) == read is not null, "a usable text is a password");
        BrokenInvariantException.Unless(read is null || read.Length is > 0 and <= Password.MaximumLength, "the length has bounds");

        var refusal = rules.Judge(typed, ["maria"], out var accepted);
        BrokenInvariantException.Unless(refusal is null == accepted is not null, "a password is taken or refused");
        BrokenInvariantException.Unless(accepted is null || accepted.Length >= PasswordRules.LeastMinimum, "what is taken is long enough");
    }
}
