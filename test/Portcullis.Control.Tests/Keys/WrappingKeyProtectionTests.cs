using Portcullis.Control.Keys;
using Portcullis.Gateway.Configuration;
using Portcullis.Trust.Keys;

namespace Portcullis.Control.Tests.Keys;

public sealed class WrappingKeyProtectionTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Nothing_named_is_no_protection() => Assert.Null(WrappingKeyProtection.From(new WrappingKeyOptions()));

    [Fact]
    public void Each_source_gives_its_kind()
    {
        var file = directory.Write("key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n");
        TemporaryDirectory.SetMode(file, FilePermissions.PrivateFile);
        Assert.Equal("secret-key", WrappingKeyProtection.From(new WrappingKeyOptions { File = file })!.Scheme);
        Assert.Equal("pbkdf2-sha512", WrappingKeyProtection.From(new WrappingKeyOptions { Passphrase = Secret.FromText("six random words or more") })!.Scheme);
    }

    [Fact]
    public void A_source_that_is_not_there_is_refused_and_never_passed_over()
    {
        Assert.Throws<KeyRingException>(() => WrappingKeyProtection.From(new WrappingKeyOptions { File = directory.At("none") }));
        Assert.Throws<KeyRingException>(() => WrappingKeyProtection.From(new WrappingKeyOptions { Credential = "none" }));
        Assert.Throws<KeyRingException>(() => WrappingKeyProtection.From(new WrappingKeyOptions { Environment = "PORTCULLIS_TEST_NO_SUCH_VARIABLE" }));
        Assert.Throws<KeyRingException>(() => WrappingKeyProtection.From(new WrappingKeyOptions { Passphrase = Secret.FromText("too short") }));
    }
}
