namespace Portcullis.Trust.Tokens;

/// <summary>The three parts of a JWS in compact serialization (RFC 7515, section 7.1), still encoded.</summary>
internal readonly ref struct CompactToken
{
    /// <summary>Longest token in bytes. Longer ones are refused unread.</summary>
    public const int MaximumSize = 16 * 1024;

    /// <summary>Longest encoded header in bytes.</summary>
    public const int MaximumHeaderSize = 8 * 1024;

    private CompactToken(ReadOnlySpan<byte> signingInput, int headerLength, ReadOnlySpan<byte> signature)
    {
        SigningInput = signingInput;
        Header = signingInput[..headerLength];
        Payload = signingInput[(headerLength + 1)..];
        Signature = signature;
    }

    /// <summary>What is signed: header, dot, payload as they came.</summary>
    public ReadOnlySpan<byte> SigningInput { get; }

    public ReadOnlySpan<byte> Header { get; }

    public ReadOnlySpan<byte> Payload { get; }

    public ReadOnlySpan<byte> Signature { get; }

    /// <summary>
    /// Splits at the two dots there must be. An empty payload is a JWS, if no JWT; an empty header or signature is neither: unsecured tokens
    /// (RFC 7515, appendix A.5) end here.
    /// </summary>
    public static bool TrySplit(ReadOnlySpan<byte> token, out CompactToken parts, out string? fault)
    {
        parts = default;
        fault = null;
        if (token.Length > MaximumSize)
        {
            fault = "the token has more than 16 KiB";
            return false;
        }

        var first = token.IndexOf((byte)'.');
        var second = first < 0 ? -1 : token[(first + 1)..].IndexOf((byte)'.') + first + 1;
        if (first <= 0 || second <= first || second == token.Length - 1 || token[(second + 1)..].Contains((byte)'.'))
        {
            fault = "the token does not have three parts";
            return false;
        }

        if (first > MaximumHeaderSize)
        {
            fault = "the header has more than 8 KiB";
            return false;
        }

        parts = new CompactToken(token[..second], first, token[(second + 1)..]);
        return true;
    }
}
