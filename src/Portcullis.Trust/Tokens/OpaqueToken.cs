using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Portcullis.Trust.Keys;

namespace Portcullis.Trust.Tokens;

/// <summary>
/// A bearer secret that says nothing: a prefix that tells its kind and 256 random bits in base64url (RFC 6749, section 10.10 asks for 128). Only its
/// SHA-256 hash is stored; a plain hash is enough because nobody chooses the value. Printing one shows nothing.
/// </summary>
public sealed class OpaqueToken
{
    /// <summary>Bytes of randomness.</summary>
    public const int Size = 32;

    /// <summary>Longest prefix, in characters.</summary>
    private const int LongestPrefix = 16;

    private static readonly int EncodedSize = Base64Url.GetEncodedLength(Size);

    private OpaqueToken(string text)
    {
        Text = Secret.FromText(text);
        Hash = SHA256.HashData(Encoding.ASCII.GetBytes(text));
    }

    /// <summary>What the client gets, once.</summary>
    public Secret Text { get; }

    /// <summary>What is stored.</summary>
    public ReadOnlyMemory<byte> Hash { get; }

    /// <summary>A fresh one. The prefix makes a leaked one recognisable to scanners and keeps kinds apart.</summary>
    public static OpaqueToken Create(string prefix)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(prefix.Length, LongestPrefix, nameof(prefix));
        Span<byte> random = stackalloc byte[Size];
        RandomNumberGenerator.Fill(random);
        return new OpaqueToken(prefix + Base64Url.EncodeToString(random));
    }

    /// <summary>Reads what a client presents; null where it can't be one of that kind, whatever the store holds.</summary>
    public static OpaqueToken? Read(string prefix, string presented)
    {
        if (presented.Length != prefix.Length + EncodedSize || !presented.StartsWith(prefix, StringComparison.Ordinal))
            return null;

        // One value has one spelling: base64url is read strictly, down to the unused bits.
        return Base64UrlStrict.Decode(presented[prefix.Length..]) is { Length: Size } ? new OpaqueToken(presented) : null;
    }

    /// <inheritdoc/>
    public override string ToString() => Secret.Redacted;
}
