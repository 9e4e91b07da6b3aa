using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;

namespace Portcullis.Control.Storage.Entities;

/// <summary>A program that gets tokens for itself.</summary>
[Table("clients")]
public sealed class Client
{
    /// <summary>Its <c>client_id</c>.</summary>
    [MaxLength(64)]
    public required string Id { get; init; }

    /// <summary>SHA-256 of its secret, which is 256 random bits.</summary>
    [MaxLength(32)]
    public required byte[] SecretHash { get; set; }

    /// <summary>What its tokens may carry, as a <c>scope</c>: separated by spaces (RFC 6749 §3.3).</summary>
    [MaxLength(16 * 1024)]
    public required string Permissions { get; set; }

    /// <summary>Whether it gets no tokens for now.</summary>
    public bool IsDisabled { get; set; }

    public DateTimeOffset Created { get; init; }
}
