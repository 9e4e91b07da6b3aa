using System.Security.Cryptography;
using Portcullis.Trust.Keys;

namespace Portcullis.Trust.OneTimeCodes;

/// <summary>
/// Codes on paper that stand in for a lost second factor, each once. A code has 115 random bits, above the 112 from which on NIST SP 800-63B (look-up
/// secrets) lets a plain hash be stored, and two check characters, which find every wrong character and every swap of neighbours before a
/// typing mistake counts as a failed attempt.
/// </summary>
public static class RecoveryCodes
{
    /// <summary>Codes in a set. A new set replaces the old one whole.</summary>
    public const int Count = 10;

    private const int Random = 23;
    private const int Symbols = Random + 2;
    private const int Group = 5;

    // The greatest prime that two characters of five bits can hold.
    private const int Modulus = 1021;

    // What is longer is no code, however many spaces and hyphens it has.
    private const int LongestText = 64;

    /// <summary>A fresh set.</summary>
    public static IReadOnlyList<RecoveryCode> Generate()
    {
        var codes = new RecoveryCode[Count];
        for (var i = 0; i < Count; i++)
            codes[i] = New();
        return codes;
    }

    /// <summary>
    /// Reads a code as people type it: letters in any case, O for 0, I and L for 1, hyphens and spaces anywhere. True when its check characters are
    /// right; <paramref name="hash"/> (32 bytes) is then what to look for. A false answer needs no look-up and says nothing about real codes.
    /// </summary>
    public static bool TryHash(ReadOnlySpan<char> typed, Span<byte> hash)
    {
        Span<byte> symbols = stackalloc byte[Symbols];
        var count = 0;
        if (typed.Length > LongestText)
            return false;
        foreach (var character in typed)
        {
            if (character is ' ' or '-')
                continue;
            var upper = char.IsAsciiLetterLower(character) ? character & ~0x20 : character;
            var value = Base32.Readable.Value(upper switch { 'O' => '0', 'I' or 'L' => '1', _ => upper });
            if (value < 0 || count == Symbols)
                return false;
            symbols[count++] = (byte)value;
        }

        if (count != Symbols || Check(symbols[..Random]) != (symbols[Random] * 32) + symbols[Random + 1])
            return false;
        Hash(symbols, hash);
        symbols.Clear();
        return true;
    }

    /// <summary>
    /// Which of the stored hashes this is, or -1. Looks at all of them. The caller removes the one found by a conditional change and lets nobody in
    /// unless that changed something: two uses at once then have one winner.
    /// </summary>
    public static int Find(IReadOnlyList<ReadOnlyMemory<byte>> stored, ReadOnlySpan<byte> hash)
    {
        var found = -1;
        for (var i = 0; i < stored.Count; i++)
        {
            if (CryptographicOperations.FixedTimeEquals(stored[i].Span, hash))
                found = i;
        }

        return found;
    }

    private static RecoveryCode New()
    {
        Span<byte> symbols = stackalloc byte[Symbols];
        RandomNumberGenerator.Fill(symbols[..Random]);
        foreach (ref var symbol in symbols[..Random])
            symbol &= 31;
        var check = Check(symbols[..Random]);
        (symbols[Random], symbols[Random + 1]) = ((byte)(check / 32), (byte)(check % 32));

        Span<char> text = stackalloc char[Symbols + (Symbols / Group) - 1];
        for (var (i, at) = (0, 0); i < Symbols; i++)
        {
            if (i > 0 && i % Group == 0)
                text[at++] = '-';
            text[at++] = Base32.Readable.Character(symbols[i]);
        }

        var hash = new byte[SHA256.HashSizeInBytes];
        Hash(symbols, hash);
        return new RecoveryCode(Secret.FromText(new string(text)), hash);
    }

    private static int Check(ReadOnlySpan<byte> symbols)
    {
        var remainder = 0;
        foreach (var symbol in symbols)
            remainder = ((remainder * 32) + symbol) % Modulus;
        return remainder;
    }

    /// <summary>The purpose stands before the code, so that its hash is no other thing's hash. Frozen.</summary>
    private static void Hash(ReadOnlySpan<byte> symbols, Span<byte> hash)
    {
        var purpose = "portcullis recovery code\n"u8;
        Span<byte> text = stackalloc byte[purpose.Length + Symbols];
        purpose.CopyTo(text);
        symbols.CopyTo(text[purpose.Length..]);
        SHA256.HashData(text, hash);
        text.Clear();
    }
}
