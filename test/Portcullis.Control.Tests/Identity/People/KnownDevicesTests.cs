using System.Buffers.Text;
using Portcullis.Control.Identity.People;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Sealing;

namespace Portcullis.Control.Tests.Identity.People;

public sealed class KnownDevicesTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly ManualTimeProvider clock = new();
    private readonly KeyRing ring;
    private readonly KnownDevices devices;

    public KnownDevicesTests()
    {
        ring = KeyRing.Open(directory.At("keys"), [KeyPolicy.ForCookies(KnownDevices.Life)], clock);
        devices = new KnownDevices(new Sealer(ring, KeyPurpose.Cookie), clock);
    }

    public void Dispose()
    {
        ring.Dispose();
        directory.Dispose();
    }

    [Fact]
    public void A_cookie_proves_the_device_for_its_account_alone()
    {
        var cookie = devices.Issue("maria");
        var device = devices.Find(cookie, "maria", DateTimeOffset.MinValue);

        Assert.Equal(32, device!.Length);
        Assert.Equal(device, devices.Find(cookie, "maria", DateTimeOffset.MinValue));
        Assert.Null(devices.Find(cookie, "mallory", DateTimeOffset.MinValue));
        Assert.NotEqual(device, devices.Find(devices.Issue("maria"), "maria", DateTimeOffset.MinValue));
    }

    [Fact]
    public void Nothing_else_is_a_cookie()
    {
        var cookie = devices.Issue("maria");
        foreach (var other in new[] { null, "", "x", cookie[..^1], cookie + "A", (cookie[0] == 'A' ? "B" : "A") + cookie[1..], new string('A', cookie.Length), new string('A', 100_000), cookie.Replace(cookie[40], cookie[40] == 'A' ? 'B' : 'A') })
            Assert.Null(devices.Find(other, "maria", DateTimeOffset.MinValue));

        // Something else that the same key sealed.
        var sealed_ = new Sealer(ring, KeyPurpose.Cookie).Seal(new byte[24], SealingContext.Of("session", "maria"));
        Assert.Null(devices.Find(Base64Url.EncodeToString(sealed_), "maria", DateTimeOffset.MinValue));
    }

    [Fact]
    public void A_cookie_ends_with_its_time_and_with_a_change_of_the_password()
    {
        var cookie = devices.Issue("maria");
        Assert.Null(devices.Find(cookie, "maria", clock.GetUtcNow().AddSeconds(1)));
        clock.Advance(KnownDevices.Life - TimeSpan.FromSeconds(1));
        Assert.NotNull(devices.Find(cookie, "maria", DateTimeOffset.MinValue));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(devices.Find(cookie, "maria", DateTimeOffset.MinValue));
    }

    [Fact]
    public void A_cookie_of_the_future_is_none()
    {
        clock.Advance(TimeSpan.FromDays(1));
        var cookie = devices.Issue("maria");
        clock.Advance(-TimeSpan.FromDays(1));
        Assert.Null(devices.Find(cookie, "maria", DateTimeOffset.MinValue));
    }
}
