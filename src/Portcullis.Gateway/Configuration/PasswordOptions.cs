using System.ComponentModel;
using Portcullis.Trust.Passwords;

namespace Portcullis.Gateway.Configuration;

/// <summary>What new passwords must be and what hashing them costs.</summary>
public sealed record PasswordOptions
{
    [Description("Fewest characters of a new password. Default: 12")]
    [Between("8", "64")]
    public int MinimumLength { get; init; } = PasswordRules.UsualMinimum;

    [Description("Iterations of PBKDF2-HMAC-SHA-512. Passwords are hashed anew at sign-in when it changes. Default: 220000")]
    [Between("210000", "10000000")]
    public int Iterations { get; init; } = PasswordCost.Usual;

    [Description("How long a password that an operator sets can be used to choose another one. Default: 7d")]
    [Between("10m", "30d")]
    public TimeSpan TemporaryLifetime { get; init; } = TimeSpan.FromDays(7);

    [Description("Names that may not make up a password, such as the company's, beside those in the issuer and the person's own.")]
    public IReadOnlyList<string> ServiceWords { get; init; } = [];
}
