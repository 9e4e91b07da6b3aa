namespace Portcullis.Trust.Passwords;

/// <summary>What hashing one password costs us, and so an attacker who stole the hashes.</summary>
public sealed record PasswordCost
{
    /// <summary>The fewest iterations of PBKDF2-HMAC-SHA-512: the OWASP Password Storage Cheat Sheet's figure.</summary>
    public const int Minimum = 210_000;

    /// <summary>The most: some seconds a sign-in. A stored hash that asks for more is not believed.</summary>
    public const int Maximum = 10_000_000;

    /// <summary>The default.</summary>
    public const int Usual = 220_000;

    private PasswordCost(int iterations) => Iterations = iterations;

    /// <summary>The default cost.</summary>
    public static PasswordCost Default { get; } = new(Usual);

    /// <summary>Iterations of PBKDF2.</summary>
    public int Iterations { get; }

    /// <exception cref="ArgumentOutOfRangeException">Below <see cref="Minimum"/> or above <see cref="Maximum"/>.</exception>
    public static PasswordCost Of(int iterations)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, Minimum);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(iterations, Maximum);
        return new PasswordCost(iterations);
    }

    /// <summary>For tests, which hash many passwords and guard none.</summary>
    internal static PasswordCost Unsafe(int iterations) => new(iterations);
}
