using Portcullis.Control.Identity.People;
using Portcullis.Control.Keys;
using Portcullis.Gateway.Configuration;
using Portcullis.Trust.Keys;

namespace Portcullis.Control.Tests.Keys;

public sealed class KeyPoliciesTests
{
    [Fact]
    public void Every_purpose_has_one_policy_with_the_configured_period()
    {
        var rotation = new KeyRotationOptions
        {
            TokenSigning = TimeSpan.FromDays(1),
            Data = TimeSpan.FromDays(2),
            Cookie = TimeSpan.FromDays(3),
            Cache = TimeSpan.FromDays(4),
            Audit = TimeSpan.FromDays(5),
            Backup = TimeSpan.FromDays(6),
        };

        var policies = KeyPolicies.From(new GatewayOptions { Keys = new() { Rotation = rotation } });

        Assert.Equal(KeyPurpose.All, policies.Select(policy => policy.Purpose));
        Assert.Equal([1, 2, 3, 4, 5, 6], policies.Select(policy => policy.RotateEvery!.Value.Days));
    }

    [Theory]
    [InlineData("RS256", KeyAlgorithm.RS256)]
    [InlineData("ES256", KeyAlgorithm.ES256)]
    public void Tokens_are_signed_by_the_configured_algorithm(string name, KeyAlgorithm algorithm) =>
        Assert.Equal(algorithm, KeyPolicies.From(new GatewayOptions { Identity = new() { Issuer = "https://a", AccessToken = new() { Algorithm = name } } })[0].Algorithm);

    [Fact]
    public void A_retired_cookie_key_outlives_the_cookies_of_known_devices()
        => Assert.True(KeyPolicies.From(new GatewayOptions()).Single(policy => policy.Purpose == KeyPurpose.Cookie).KeepRetired >= KnownDevices.Life);

    [Fact]
    public void A_retired_signing_key_outlives_the_longest_token_that_can_be_configured()
    {
        var longest = TimeSpan.FromHours(24);
        Assert.True(KeyPolicies.From(new GatewayOptions())[0].KeepRetired >= longest + TimeSpan.FromMinutes(5));
    }

    [Theory]
    [InlineData("data")]
    [InlineData("audit")]
    [InlineData("backup")]
    public void What_others_depend_on_for_good_is_destroyed_by_command_alone(string purpose) =>
        Assert.Null(KeyPolicies.From(new GatewayOptions()).Single(policy => policy.Purpose.Name == purpose).KeepRetired);

    [Fact]
    public void A_command_replaces_a_key_by_one_like_it_and_no_other_key_by_the_clock()
    {
        var active = new KeyEntry
        {
            Id = "id",
            Purpose = KeyPurpose.TokenSigning,
            Algorithm = KeyAlgorithm.RS256,
            Bits = 3072,
            State = KeyState.Active,
            Created = default,
            Activates = default,
        };

        var policy = KeyPolicies.Like(active);

        Assert.Equal((KeyAlgorithm.RS256, 3072, (TimeSpan?)null), (policy.Algorithm, policy.RsaBits, policy.RotateEvery));
        Assert.Equal(KeyAlgorithm.ES256, KeyPolicies.Like(active with { Algorithm = KeyAlgorithm.ES256, Bits = 256 }).Algorithm);
        Assert.Throws<ArgumentException>(() => KeyPolicies.Like(active with { Purpose = new KeyPurpose("unknown") }));
    }
}
