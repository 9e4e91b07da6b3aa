using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Portcullis.Control.Storage.Entities;

/// <summary>What a person has given a client: one code, and the refresh tokens that come from it. It ends as a whole.</summary>
[Table("grants")]
[Index(nameof(PersonId))]
[Index(nameof(ClientId))]
[Index(nameof(Expires))]
[Index(nameof(Ended))]
public sealed class Grant
{
    /// <summary>128 random bits as text; tokens carry it as <c>grant_id</c>.</summary>
    [MaxLength(64)]
    public required string Id { get; init; }

    [MaxLength(64)]
    public required string ClientId { get; init; }

    public required Guid PersonId { get; init; }

    /// <summary>The session it was given in (<c>sid</c>); null where there is none. The session may be gone.</summary>
    [MaxLength(64)]
    public string? SessionId { get; init; }

    [MaxLength(16 * 1024)]
    public required string Scope { get; init; }

    /// <summary>When the person had proved who they are.</summary>
    public DateTimeOffset Authenticated { get; init; }

    /// <summary>By what, separated by spaces (RFC 8176).</summary>
    [MaxLength(128)]
    public required string Methods { get; init; }

    public DateTimeOffset Created { get; init; }

    /// <summary>The end whatever is refreshed.</summary>
    public DateTimeOffset Expires { get; init; }

    /// <summary>The end before that. Who sets it where it is null has ended it, and adds the revocation in the same transaction.</summary>
    public DateTimeOffset? Ended { get; set; }

    /// <summary>Refresh tokens given so far.</summary>
    public int Tokens { get; set; }
}
