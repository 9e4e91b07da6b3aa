using System.Security.Cryptography;
using Portcullis.Trust.Keys;

namespace Portcullis.Trust.ApiKeys;

/// <summary>A key as it is stored: everything but the key itself.</summary>
public sealed record ApiKey
{
    /// <summary>The longest life of a key.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromDays(366);

    /// <summary>Names the key where it is listed and revoked: 16 hexadecimal digits that say nothing about it.</summary>
    public required string Id { get; init; }

    /// <summary>SHA-256 of the key, 32 bytes: what it is found by.</summary>
    public required ReadOnlyMemory<byte> Hash { get; init; }

    /// <summary>The person or client that it acts for.</summary>
    public required string Subject { get; init; }

    /// <summary>What people call it.</summary>
    public required string Label { get; init; }

    /// <summary>Permissions it is limited to; its subject must have them as well. None by default.</summary>
    public IReadOnlyList<string> Permissions { get; init; } = [];

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>From when on it no longer counts. There is no key without end.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>Whether it was taken back.</summary>
    public bool IsRevoked { get; init; }

    /// <summary>When it was last used, to the day; null for never.</summary>
    public DateOnly? LastUsed { get; init; }

    /// <summary>Makes a key; the text is to be shown once and kept nowhere.</summary>
    /// <exception cref="ArgumentException">No subject, no permission, or a life of more than <see cref="LongestLife"/>.</exception>
    public static (ApiKey Key, Secret Text) Issue(string subject, string label, IReadOnlyList<string> permissions, TimeSpan life, TimeProvider clock)
    {
        ArgumentException.ThrowIfNullOrEmpty(subject);
        if (permissions.Count == 0)
            throw new ArgumentException("A key without permissions can do nothing: name what it is for.", nameof(permissions));
        if (life <= TimeSpan.Zero || life > LongestLife)
            throw new ArgumentException($"A key lives up to {LongestLife.TotalDays} days.", nameof(life));
        var text = ApiKeyText.Generate();
        var now = clock.GetUtcNow();
        var key = new ApiKey
        {
            Id = RandomNumberGenerator.GetHexString(16, lowercase: true),
            Hash = ApiKeyText.Hash(text),
            Subject = subject,
            Label = label,
            Permissions = [.. permissions],
            Created = now,
            Expires = now + life,
        };
        return (key, text);
    }

    /// <summary>Whether the key counts now. A key from the future, as after a clock was set back, counts: its end is what matters.</summary>
    public ApiKeyState StateAt(DateTimeOffset now) => IsRevoked ? ApiKeyState.Revoked : now < Expires ? ApiKeyState.Active : ApiKeyState.Expired;

    /// <summary>The record without its hash, which is nobody's business in a log.</summary>
    public override string ToString() => $"API key {Id} of {Subject}";
}
