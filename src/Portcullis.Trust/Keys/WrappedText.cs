using System.Buffers.Text;
using Portcullis.Trust.Sealing;

namespace Portcullis.Trust.Keys;

/// <summary>An envelope as text, as it stands in the wrapping key's file.</summary>
internal static class WrappedText
{
    /// <summary>Opens <paramref name="text"/>, an envelope in base64url, into <paramref name="destination"/>, which it must fill. One spelling only.</summary>
    public static bool TryOpen(WrappingKey key, ReadOnlySpan<char> text, SealingContext context, Span<byte> destination)
    {
        Span<byte> envelope = stackalloc byte[destination.Length + Envelope.Overhead];
        if (text.Length != Base64Url.GetEncodedLength(envelope.Length) || !Base64Url.IsValid(text))
            return false;
        if (!Base64Url.TryDecodeFromChars(text, envelope, out var written) || written != envelope.Length || !text.SequenceEqual(Base64Url.EncodeToString(envelope)))
            return false;
        using var material = key.Unwrap(envelope, context);
        if (material is null)
            return false;
        material.Bytes.CopyTo(destination);
        return true;
    }
}
