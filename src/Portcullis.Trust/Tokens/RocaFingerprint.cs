namespace Portcullis.Trust.Tokens;

/// <summary>
/// Recognises RSA moduli of the faulty generator of CVE-2017-15361 ("ROCA"): its primes have the form k·M + (65537^a mod M), so modulo each
/// small prime the modulus is a power of 65537 (Nemec et al., "The Return of Coppersmith's Attack", 2017). A sound modulus passes for one with a
/// probability below 2^-27.
/// </summary>
internal static class RocaFingerprint
{
    private static ReadOnlySpan<byte> Primes =>
    [
        3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149,
        151, 157, 163, 167,
    ];

    public static bool Matches(ReadOnlySpan<byte> modulus)
    {
        foreach (var prime in Primes)
        {
            var remainder = 0;
            foreach (var octet in modulus)
                remainder = ((remainder << 8) | octet) % prime;
            if (!IsPowerOfGenerator(remainder, prime))
                return false;
        }

        return true;
    }

    private static bool IsPowerOfGenerator(int value, int prime)
    {
        var generator = 65537 % prime;
        var power = 1;
        do
        {
            if (power == value)
                return true;
            power = power * generator % prime;
        }
        while (power != 1);
        return false;
    }
}
