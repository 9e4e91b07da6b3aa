using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;

namespace Portcullis.Control.Storage.Entities;

/// <summary>A notice that something changed, in the order of commits on SQLite. The newest few thousand are kept.</summary>
[Table("changes")]
public sealed class Change
{
    /// <summary>Longest key: with the topic it fits into a notification of PostgreSQL, which has 8,000 octets.</summary>
    public const int LongestKey = 512;

    /// <summary>Counts up; never used twice.</summary>
    public long Id { get; init; }

    /// <summary>One of <see cref="ChangeTopic"/>: lower case, no spaces.</summary>
    [MaxLength(64)]
    public required string Topic { get; init; }

    /// <summary>What of the topic changed; null: everything may have.</summary>
    [MaxLength(LongestKey)]
    public string? Key { get; init; }
}
