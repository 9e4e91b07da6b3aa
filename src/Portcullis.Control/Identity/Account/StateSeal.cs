using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using Portcullis.Trust.Sealing;

namespace Portcullis.Control.Identity.Account;

/// <summary>
/// Seals what a browser keeps for a few minutes between two steps: in a cookie or in a field of a form. What is sealed for one kind and owner opens for no other, and after its
/// time for nobody. That something counts once is not known here.
/// </summary>
internal sealed class StateSeal(Sealer sealer, TimeProvider clock)
{
    // An enrolment or a challenge is some 100 octets.
    private const int LongestText = 1024;

    /// <summary>Seals; the result is base64url.</summary>
    /// <param name="kind">What it is; a fixed word.</param>
    /// <param name="owner">Whose it is, as a session or a subject; empty where nobody is known yet.</param>
    /// <param name="life">How long it opens.</param>
    /// <param name="content">What is kept.</param>
    public string Seal(string kind, string owner, TimeSpan life, ReadOnlySpan<byte> content)
    {
        var plain = new byte[sizeof(long) + content.Length];
        BinaryPrimitives.WriteInt64BigEndian(plain, (clock.GetUtcNow() + life).ToUnixTimeMilliseconds());
        content.CopyTo(plain.AsSpan(sizeof(long)));
        return Base64Url.EncodeToString(sealer.Seal(plain, Context(kind, owner)));
    }

    /// <summary>What was sealed; null for every other text and after its time.</summary>
    public byte[]? Open(string kind, string owner, string? text)
    {
        if (string.IsNullOrEmpty(text) || text.Length > LongestText) return null;
        var envelope = new byte[text.Length];
        if (Base64Url.DecodeFromChars(text, envelope, out _, out var length) != OperationStatus.Done) return null;
        if (sealer.Open(envelope.AsSpan(0, length), Context(kind, owner), out var plain) != UnsealOutcome.Opened || plain is not { Length: >= sizeof(long) }) return null;
        return BinaryPrimitives.ReadInt64BigEndian(plain) > clock.GetUtcNow().ToUnixTimeMilliseconds() ? plain[sizeof(long)..] : null;
    }

    private static SealingContext Context(string kind, string owner) => SealingContext.Of("account-state", kind, owner);
}
