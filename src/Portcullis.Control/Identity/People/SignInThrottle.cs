using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Portcullis.Control.Identity.People;

/// <summary>
/// Holds guessing back (NIST SP 800-63B-4, rate limiting; OWASP ASVS 5, 6.3.1) without locking anybody out. Strangers' attempts pass three lanes: by address, by account from that
/// address, by account from everywhere. Devices that the owner signed in from have a lane of their own that no stranger's failure counts in. An attempt is taken before
/// the password is looked at, so attempts at once don't pass together, and given back where it succeeds. Unknown accounts are counted like known ones. Safe from any thread.
/// In memory of one node: a restart forgets, and each node counts by itself.
/// </summary>
public sealed class SignInThrottle
{
    // 16,384 sets of eight buckets: 6 MiB for 131,072 addresses and accounts with recent failures.
    private const int UsualSets = 1 << 14;
    private const int LongestAccount = 1024;

    private static readonly ThrottleRule[] Rules = new ThrottleRule[5];

    private readonly Lock gate = new();
    private readonly byte[] secret = RandomNumberGenerator.GetBytes(32);
    private readonly ThrottleTable table;
    private readonly TimeProvider clock;

    static SignInThrottle()
    {
        Rules[(int)ThrottleLane.Address] = new(20, TimeSpan.FromSeconds(15), 20, TimeSpan.FromMinutes(10));
        Rules[(int)ThrottleLane.Pair] = new(5, TimeSpan.FromMinutes(1), 5, TimeSpan.FromHours(1));
        Rules[(int)ThrottleLane.Account] = new(10, TimeSpan.FromMinutes(15), 10, TimeSpan.FromHours(4));
        Rules[(int)ThrottleLane.Device] = new(10, TimeSpan.FromMinutes(1), 10, TimeSpan.FromHours(1));
        Rules[(int)ThrottleLane.Code] = new(5, TimeSpan.FromMinutes(1), 5, TimeSpan.FromHours(4));
    }

    /// <param name="clock">Tells how long ago failures were.</param>
    public SignInThrottle(TimeProvider clock)
        : this(clock, UsualSets)
    {
    }

    internal SignInThrottle(TimeProvider clock, int sets)
    {
        this.clock = clock;
        table = new ThrottleTable(sets);
    }

    /// <summary>Asks for an attempt at an account's password.</summary>
    /// <param name="account">The account's name in the one spelling that finds it, whether there is such an account or not.</param>
    /// <param name="address">Where the attempt comes from.</param>
    /// <param name="device">The device, where <see cref="KnownDevices"/> has proved it to be one of this account's; else null.</param>
    public SignInPermit BeginPassword(string account, IPAddress address, string? device) => Take(PasswordLanes(account, address, device), isKnown: device is not null);

    /// <summary>
    /// Asks for an attempt at an account's second factor. Only who has its password comes so far; a known device has a lane of its own here, too, so that a stranger who has the
    /// password can't use the owner's attempts up.
    /// </summary>
    /// <param name="account">The account's name, as for the password.</param>
    /// <param name="device">The proved device, as for the password.</param>
    public SignInPermit BeginCode(string account, string? device)
        => Take([(ThrottleLane.Code, Key(ThrottleLane.Code, account, Encoding.UTF8.GetBytes(device ?? string.Empty)))], isKnown: device is not null);

    /// <summary>
    /// The permit that <see cref="BeginPassword"/> gave, for who completes the sign-in in a later request, on this node or another. Whoever uses it makes sure that each sign-in
    /// is completed once.
    /// </summary>
    internal SignInPermit PermitOf(string account, IPAddress address, string? device)
        => new() { IsPermitted = true, IsKnownDevice = device is not null, Taken = PasswordLanes(account, address, device) };

    /// <summary>
    /// The attempt ended with somebody signed in, after all factors. It is given back, and former failures from this device, or on this account from this address, are
    /// forgotten. Those of strangers on the account are not: an attack that goes on gains nothing by the owner's signing in.
    /// </summary>
    public void Succeeded(SignInPermit permit)
    {
        Return(permit);
        if (permit.Taken is null) return;
        var now = Now();
        lock (gate)
        {
            foreach (var (lane, key) in permit.Taken)
            {
                if (lane is ThrottleLane.Device or ThrottleLane.Pair or ThrottleLane.Code) table.Clear(key, now);
            }
        }
    }

    /// <summary>The attempt was not made, as when passwords could not be checked for want of time.</summary>
    public void Return(SignInPermit permit)
    {
        if (permit.Taken is null) return;
        var now = Now();
        lock (gate)
        {
            foreach (var (lane, key) in permit.Taken) table.Return(key, Rules[(int)lane], now);
        }
    }

    /// <summary>Forgets strangers' failures on an account: after its password was reset, or for an operator.</summary>
    public void Forget(string account)
    {
        var now = Now();
        lock (gate)
        {
            table.Clear(Key(ThrottleLane.Account, account, []), now);
            table.Clear(Key(ThrottleLane.Code, account, []), now);
        }
    }

    private (ThrottleLane Lane, UInt128 Key)[] PasswordLanes(string account, IPAddress address, string? device) => device is not null
        ? [(ThrottleLane.Device, Key(ThrottleLane.Device, account, Encoding.UTF8.GetBytes(device)))]
        :
        [
            (ThrottleLane.Address, Key(ThrottleLane.Address, string.Empty, Network(address))),
            (ThrottleLane.Pair, Key(ThrottleLane.Pair, account, Network(address))),
            (ThrottleLane.Account, Key(ThrottleLane.Account, account, [])),
        ];

    // All or nothing: what one lane refuses is not counted in another, so one address can't use up an account.
    private SignInPermit Take((ThrottleLane Lane, UInt128 Key)[] lanes, bool isKnown)
    {
        var now = Now();
        lock (gate)
        {
            var wait = 0d;
            foreach (var (lane, key) in lanes) wait = Math.Max(wait, table.Wait(key, Rules[(int)lane], now));
            if (wait > 0) return new SignInPermit { RetryAfter = TimeSpan.FromSeconds(Math.Max(1, Math.Ceiling(wait / 1000))), IsKnownDevice = isKnown };
            foreach (var (lane, key) in lanes) table.Take(key, Rules[(int)lane], now);
        }

        return new SignInPermit { IsPermitted = true, IsKnownDevice = isKnown, Taken = lanes };
    }

    private UInt128 Key(ThrottleLane lane, string account, ReadOnlySpan<byte> rest)
    {
        // A name of any length is one account: what is cut off here belongs to no account there is.
        var name = account.AsSpan(0, Math.Min(account.Length, LongestAccount));
        var input = new byte[3 + Encoding.UTF8.GetByteCount(name) + rest.Length];
        input[0] = (byte)lane;
        var length = Encoding.UTF8.GetBytes(name, input.AsSpan(3));
        BinaryPrimitives.WriteUInt16BigEndian(input.AsSpan(1), (ushort)length);
        rest.CopyTo(input.AsSpan(3 + length));
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, input, hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash) | UInt128.One << 127;
    }

    // RFC 6177: a site has a /64 at least, and who has one has all of its addresses.
    private static byte[] Network(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? bytes[..8] : bytes;
    }

    private long Now() => clock.GetTimestamp() / (clock.TimestampFrequency / 1000);
}
