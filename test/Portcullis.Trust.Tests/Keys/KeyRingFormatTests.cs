using System.Text;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Sealing;
using Portcullis.Trust.Tokens;

namespace Portcullis.Trust.Tests.Keys;

/// <summary>Version 1 of the files, frozen: what an installation holds today must open in every later version of the program.</summary>
public sealed class KeyRingFormatTests : IDisposable
{
    private const string Wrapping = "portcullis-wrapping-key 1 4e100b3006110879 O3Zs1k-KoJodKbfjjN4JeBttSqNAkhzT0Ab3BZkazD0\n";

    private const string Ring =
        """
        portcullis-key-ring 1 4e100b3006110879 3jf9kN36jDtbLDLkPOMtf7KH2VTwhIwvOnfkqiGpB-k
        {
          "wraps": 5,
          "keys": [
            {
              "id": "26Swzy055jGCd8YObIMKYP_bdKufaNkTrqqJaCKccUI",
              "purpose": "token-signing",
              "algorithm": "ES256",
              "bits": 256,
              "state": "destroyed",
              "created": "2030-01-01T00:00:00+00:00",
              "activates": "2030-01-01T00:00:00+00:00",
              "retired": "2030-01-01T00:00:00+00:00",
              "destroys": "2030-01-01T00:00:00+00:00",
              "reserved": 0
            },
            {
              "id": "e5af09470a04b591",
              "purpose": "data",
              "algorithm": "A256GCM",
              "bits": 256,
              "state": "active",
              "created": "2030-01-01T00:00:00+00:00",
              "activates": "2030-01-01T00:00:00+00:00",
              "reserved": 262144,
              "sealed": "AU4QCzAGEQh5IdfAMTxVQ2EJJZZcRiGUUaJ3/lTnGFSBbT/Ne0t9MRn0g3am7Se0Sg8GecTMYUMTYh4KdArbDNzbe6/6"
            },
            {
              "id": "w36eqelHOYRjCC1vAHZqaYDmNP-_x1_txbdrfYROWkE",
              "purpose": "token-signing",
              "algorithm": "ES256",
              "bits": 256,
              "state": "retired",
              "created": "2030-01-01T00:00:00+00:00",
              "activates": "2030-01-01T00:00:00+00:00",
              "retired": "2030-01-01T00:00:00+00:00",
              "destroys": "2030-01-01T01:00:00+00:00",
              "reserved": 0,
              "publicKey": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAET+9iy/5zZlE71KXfEzBQabv4VXiKq/fq0/B+gugs/no9F8G5Vw96asSaggQBe+HK3w5sZiwStpZ+s+Xrc340Dw=="
            },
            {
              "id": "mYeze8CUjkea4SGNYRzsldoKlFnJ8U0MdlJUi-VH_o8",
              "purpose": "token-signing",
              "algorithm": "ES256",
              "bits": 256,
              "state": "retired",
              "created": "2030-01-01T00:00:00+00:00",
              "activates": "2030-01-01T01:00:00+00:00",
              "retired": "2030-01-01T00:00:00+00:00",
              "destroys": "2030-01-01T01:00:00+00:00",
              "reserved": 0,
              "publicKey": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAECwbA9nO7nVrAcf7Rg+Wu1QUxu1Nnjrd7LQ+PeOU5dzYAAa0a7C56g+Cgz5O/ot5WhGMEiZ0P1fYFJwwE/PX3dw=="
            },
            {
              "id": "1LW1dzPHyEgX3BsK3fj66lJ9jgp08mtAKQ0N323eXYw",
              "purpose": "token-signing",
              "algorithm": "ES256",
              "bits": 256,
              "state": "active",
              "created": "2030-01-01T00:00:00+00:00",
              "activates": "2030-01-01T00:00:00+00:00",
              "reserved": 0,
              "publicKey": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEofeyyriVVmR95Df/Es1Z1aYK+qCyUrT/cEXQq+fO7hQJ3f73ujlQmEJZzucWOis+BE9ZVIMzUS8wrY0fsMK0WQ==",
              "sealed": "AU4QCzAGEQh5iXip3g9xs8C8rZn8OBXivIyOhiyOGYAZptZ9k4HSv+JksZvEKt3hQboyHnMRrklom1GnmTRAOlmIsov2jRMXoBtkRk9e2YIJvX0LWyRXdROhBvuJ9cv49zQzCTSNzSSjCe1Dhs/sUX5jOvCWPGvHUr0OjN5T9SpkIWjkdIrTDYKA+lUkzuG1slfmv/uWjLBIyPZxMMFRhz+p+FP5m1q++vkEuPoqcw=="
            }
          ]
        }
        """;

    // "Portcullis" at orders/email/42, sealed under the ring's data key.
    private const string Sealed = "01e5af09470a04b591e939821a727f0dec99188f14cf6c42dfe1a00d926280dbc3e0811b5d8af721ceed39c6453108";

    private readonly TemporaryDirectory directory = new();
    private readonly ManualTimeProvider clock = new();
    private readonly KeyPolicy[] policies = [Rings.Tokens, KeyPolicy.ForData()];

    public KeyRingFormatTests()
    {
        using (KeyRing.Open(directory.Keys, [], clock))
        {
            // Makes the directory with its modes; both files are replaced, keeping theirs.
        }

        File.WriteAllText(directory.Wrapping, Wrapping);
        File.WriteAllText(directory.Ring, Ring);
    }

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Files_of_version_1_open()
    {
        using var ring = KeyRing.Open(directory.Keys, policies, clock);

        Assert.Equal(
            [KeyState.Destroyed, KeyState.Active, KeyState.Retired, KeyState.Retired, KeyState.Active], ring.Current.Keys.Select(key => key.State));
        Assert.Equal(ring.Current.Keys[4].Id, ring.Current.FindSigningKey(KeyPurpose.TokenSigning)!.Id);
        Assert.Equal(3, ring.Current.PublicKeys(KeyPurpose.TokenSigning).Keys.Count);
        Assert.Equal(262144, ring.Current.Keys[1].Reserved);
        Assert.Equal(clock.GetUtcNow() + TimeSpan.FromHours(1), ring.Current.Keys[2].Destroys);
    }

    [Fact]
    public void Keys_of_version_1_work()
    {
        using var ring = KeyRing.Open(directory.Keys, policies, clock);

        var sealer = new Sealer(ring, KeyPurpose.Data);
        Assert.Equal(UnsealOutcome.Opened, sealer.Open(Convert.FromHexString(Sealed), SealingContext.Of("orders", "email", "42"), out var plaintext));
        Assert.Equal("Portcullis", Encoding.UTF8.GetString(plaintext!));

        var key = ring.Current.FindSigningKey(KeyPurpose.TokenSigning)!;
        var signature = new byte[key.SignatureSize];
        Assert.True(key.TrySign("data"u8, signature));
        Assert.True(key.PublicKey.Verify("data"u8, signature));
    }

    [Fact]
    public void Version_1_is_written_as_it_was_read()
    {
        using var wrapping = WrappingKeyFile.Read(directory.Wrapping);
        var state = KeyRingFormat.Read(directory.Ring, Encoding.UTF8.GetBytes(Ring), wrapping);
        Assert.Equal(Ring, Encoding.UTF8.GetString(KeyRingFormat.Write(state, wrapping)));
    }
}
