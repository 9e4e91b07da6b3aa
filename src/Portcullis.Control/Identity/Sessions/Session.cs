namespace Portcullis.Control.Identity.Sessions;

/// <summary>A session as it is stored. Holds nothing that signs anybody in.</summary>
public sealed record Session
{
    /// <summary>The hash of its cookie.</summary>
    public required SessionId Id { get; init; }

    /// <summary>
    /// The session as tokens tell it (<c>sid</c>) and lists name it: 32 lower-case hexadecimal digits, random. No credential; it stays when the cookie is renewed.
    /// </summary>
    public required string Sid { get; init; }

    /// <summary>Whose it is.</summary>
    public required string Subject { get; init; }

    /// <summary>When it began. A renewed id keeps it, so that renewing makes no session longer.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it was last used, to the minute.</summary>
    public required DateTimeOffset LastSeen { get; init; }

    /// <summary>When the person last proved who they are: <c>auth_time</c>, and what <c>maxAge</c> of a step-up counts from.</summary>
    public required DateTimeOffset AuthenticatedAt { get; init; }

    /// <summary>By what: <c>amr</c> (RFC 8176), such as <c>pwd</c>, <c>otp</c>, <c>mfa</c>.</summary>
    public required IReadOnlyList<string> Methods { get; init; }

    /// <summary>The browser and system, for its owner's list; see <see cref="DeviceLabel"/>.</summary>
    public required string Device { get; init; }

    /// <summary>The address it was begun from.</summary>
    public required string Address { get; init; }
}
