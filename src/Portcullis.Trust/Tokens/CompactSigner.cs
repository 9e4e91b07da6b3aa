using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Portcullis.Trust.Keys;

namespace Portcullis.Trust.Tokens;

/// <summary>Makes JWS in compact serialization (RFC 7515, section 7.1).</summary>
public static class CompactSigner
{
    private static readonly SearchValues<char> typeCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-./");

    /// <summary>
    /// Signs <paramref name="payload"/>. Null when the ring has given up the key meanwhile: take the active one again.
    /// </summary>
    /// <param name="key">The active key of a purpose.</param>
    /// <param name="type">The explicit type, such as <c>at+jwt</c>: one kind of token, one type (RFC 8725, section 3.11).</param>
    /// <param name="payload">JSON in UTF-8.</param>
    /// <exception cref="ArgumentException">The type is empty or has characters that no media type has.</exception>
    public static string? Sign(SigningKey key, string type, ReadOnlySpan<byte> payload)
    {
        // alg and kid are ours and plain; the type is made sure of. So nothing here needs escaping.
        if (type.Length == 0 || type.AsSpan().ContainsAnyExcept(typeCharacters))
            throw new ArgumentException("A type is a media type without parameters.", nameof(type));
        var header = $$"""{"alg":"{{key.Algorithm.Name()}}","kid":"{{key.Id}}","typ":"{{type}}"}""";
        var buffer = ArrayPool<byte>.Shared.Rent(Base64Url.GetEncodedLength(header.Length + payload.Length + key.SignatureSize) + header.Length + 8);
        try
        {
            Span<byte> signature = stackalloc byte[key.SignatureSize];
            var text = buffer.AsSpan();
            var length = Encoding.ASCII.GetBytes(header, text[^header.Length..]);
            length = Base64Url.EncodeToUtf8(text[^length..], text);
            text[length++] = (byte)'.';
            length += Base64Url.EncodeToUtf8(payload, text[length..]);
            if (!key.TrySign(text[..length], signature))
                return null;
            text[length++] = (byte)'.';
            length += Base64Url.EncodeToUtf8(signature, text[length..]);
            return Encoding.ASCII.GetString(text[..length]);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }
}
