using System.Buffers;
using System.Buffers.Text;

namespace Portcullis.Control.Identity.Account;

/// <summary>Octets in fields of forms: base64url without padding (WebAuthn level 3 §5.1).</summary>
internal static class FormOctets
{
    /// <summary>The octets; null for what is no base64url or more than <paramref name="most"/>.</summary>
    public static byte[]? Read(string text, int most)
    {
        if (text.Length > (most * 4 / 3) + 2 || text.Contains('=', StringComparison.Ordinal)) return null;
        var octets = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        return Base64Url.DecodeFromChars(text, octets, out _, out var length) == OperationStatus.Done && length <= most ? octets[..length] : null;
    }
}
