namespace Portcullis.Gateway.Identity.ApiKeys;

/// <summary>An API key that counts at the moment.</summary>
/// <param name="Id">The key's own name, which is no secret; records tell it.</param>
/// <param name="Subject">Whose it is: a person's subject or a client's id.</param>
/// <param name="IsPerson">Whether the subject is a person.</param>
/// <param name="Permissions">What a request by it may do: that of the key's permissions which its subject has too. No wildcards.</param>
/// <param name="Expires">From when on it counts no more.</param>
public sealed record KnownApiKey(string Id, string Subject, bool IsPerson, IReadOnlyList<string> Permissions, DateTimeOffset Expires)
{
    /// <summary>The tenant that its subject belongs to; null for none.</summary>
    public string? Tenant { get; init; }
}
