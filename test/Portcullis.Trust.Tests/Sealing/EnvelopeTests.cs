using System.Security.Cryptography;
using System.Text;
using Portcullis.Trust.Sealing;

namespace Portcullis.Trust.Tests.Sealing;

public sealed class EnvelopeTests
{
    // Computed by another implementation of AES-GCM (Python's cryptography): key 00..1f, nonce f0..fb, "Portcullis" at orders/email/42.
    private const string Golden = "010123456789abcdeff0f1f2f3f4f5f6f7f8f9fafb396931741f4fbe18f684abe8084c59ce8fd2126bdac07c91d232";
    private const ulong KeyId = 0x0123456789abcdef;

    private static readonly byte[] key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly byte[] nonce = [.. Enumerable.Range(0xf0, 12).Select(i => (byte)i)];
    private static readonly byte[] plaintext = Encoding.ASCII.GetBytes("Portcullis");
    private static readonly SealingContext context = SealingContext.Of("orders", "email", "42");

    [Fact]
    public void Version_1_is_frozen()
    {
        using var cipher = new AesGcm(key, Envelope.TagSize);
        var envelope = new byte[EnvelopeTests.plaintext.Length + Envelope.Overhead];
        Envelope.Seal(cipher, KeyId, nonce, EnvelopeTests.plaintext, EnvelopeTests.context.Encoded, envelope);

        Assert.Equal(Golden, Convert.ToHexStringLower(envelope));
        Assert.Equal(37, Envelope.Overhead);
    }

    [Fact]
    public void What_version_1_sealed_opens()
    {
        using var cipher = new AesGcm(key, Envelope.TagSize);
        var plaintext = new byte[EnvelopeTests.plaintext.Length];

        Assert.True(Envelope.TryReadKeyId(Convert.FromHexString(Golden), out var keyId));
        Assert.Equal(KeyId, keyId);
        Assert.True(Envelope.TryOpen(cipher, Convert.FromHexString(Golden), EnvelopeTests.context.Encoded, plaintext));
        Assert.Equal(EnvelopeTests.plaintext, plaintext);
    }

    [Fact]
    public void A_context_larger_than_the_stack_buffer_works_alike()
    {
        using var cipher = new AesGcm(key, Envelope.TagSize);
        var context = SealingContext.Of(new string('x', 5000));
        var envelope = new byte[EnvelopeTests.plaintext.Length + Envelope.Overhead];
        Envelope.Seal(cipher, KeyId, nonce, EnvelopeTests.plaintext, context.Encoded, envelope);

        var plaintext = new byte[EnvelopeTests.plaintext.Length];
        Assert.True(Envelope.TryOpen(cipher, envelope, context.Encoded, plaintext));
        Assert.False(Envelope.TryOpen(cipher, envelope, SealingContext.Of(new string('x', 4999)).Encoded, plaintext));
        Assert.All(plaintext, octet => Assert.Equal(0, octet));
    }

    [Fact]
    public void Parts_of_a_context_do_not_run_together()
    {
        Assert.NotEqual(SealingContext.Of("ab", "c").Encoded.ToArray(), SealingContext.Of("a", "bc").Encoded.ToArray());
        Assert.NotEqual(SealingContext.Of("ab").Encoded.ToArray(), SealingContext.Of("ab", "").Encoded.ToArray());
        Assert.Throws<ArgumentException>(() => SealingContext.Of());
        Assert.Throws<OverflowException>(() => SealingContext.Of(new string('x', 65536)));
    }
}
