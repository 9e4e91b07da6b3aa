using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Portcullis.Gateway.Identity.People;

namespace Portcullis.Control.Identity.Account;

/// <summary>A sign-in whose password was right and to which something is still missing. Signs nobody in; its cookie is sealed and good for minutes.</summary>
internal sealed record PendingSignIn
{
    /// <summary>The cookie's name.</summary>
    public const string CookieName = "__Host-portcullis-pending";

    /// <summary>What follows the value in <c>Set-Cookie</c>; its time is sealed within.</summary>
    public const string CookieAttributes = "; Path=/; Secure; HttpOnly; SameSite=Strict";

    /// <summary>Attributes that make a browser forget the cookie.</summary>
    public const string Expired = CookieAttributes + "; Max-Age=0";

    private const string Kind = "sign-in";

    /// <summary>How long a code may be entered after the password.</summary>
    public static TimeSpan Life { get; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a first second factor may be enrolled after the password, or another password set: somebody has to install an app, or to think.</summary>
    public static TimeSpan EnrolmentLife { get; } = TimeSpan.FromMinutes(15);

    /// <summary>Random; by it a sign-in comes to a session once.</summary>
    public string Id { get; init; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    public required string Subject { get; init; }

    /// <summary>When the sign-in began, before the password was looked at.</summary>
    public required DateTimeOffset Began { get; init; }

    /// <summary>Where the password came from: its attempt is given back when the sign-in is complete.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>The known device, if it was one.</summary>
    public string? Device { get; init; }

    /// <summary>By what the person has proved who they are (<c>amr</c>).</summary>
    public required IReadOnlyList<string> Methods { get; init; }

    /// <summary>What was asked of them.</summary>
    public SignInWish Wish { get; init; }

    /// <summary>The cookie's value.</summary>
    public string Seal(StateSeal seal, TimeSpan life)
    {
        string[] parts = [Id, Subject, Began.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), Address.ToString(), Device ?? string.Empty, string.Join(' ', Methods), ((int)Wish).ToString(CultureInfo.InvariantCulture)];
        return seal.Seal(Kind, string.Empty, life, Encoding.UTF8.GetBytes(string.Join('\n', parts)));
    }

    /// <summary>The sign-in of a cookie; null where there is none that counts.</summary>
    public static PendingSignIn? Open(StateSeal seal, string? cookie)
    {
        // What opens was written here, but maybe by a version that wrote it otherwise.
        if (seal.Open(Kind, string.Empty, cookie) is not { } content || Encoding.UTF8.GetString(content).Split('\n') is not { Length: 7 } parts) return null;
        if (!long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var began) || !IPAddress.TryParse(parts[3], out var address)) return null;
        if (!int.TryParse(parts[6], NumberStyles.None, CultureInfo.InvariantCulture, out var wish) || !Enum.IsDefined((SignInWish)wish)) return null;
        return new PendingSignIn
        {
            Id = parts[0],
            Subject = parts[1],
            Began = DateTimeOffset.FromUnixTimeMilliseconds(began),
            Address = address,
            Device = parts[4].Length == 0 ? null : parts[4],
            Methods = parts[5].Split(' '),
            Wish = (SignInWish)wish,
        };
    }
}
