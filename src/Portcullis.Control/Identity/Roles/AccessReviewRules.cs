using Portcullis.Gateway.Identity.Roles;

namespace Portcullis.Control.Identity.Roles;

/// <summary>What a review looks for.</summary>
public sealed record AccessReviewRules
{
    /// <summary>A permission that nobody used for so long is reported. Default 90 days.</summary>
    public TimeSpan UnusedFor { get; init; } = TimeSpan.FromDays(90);

    /// <summary>An account that nobody used for so long is reported. Default 90 days.</summary>
    public TimeSpan DormantFor { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Permissions whose holders are listed in any case.</summary>
    public IReadOnlyList<PermissionPattern> Sensitive { get; init; } = [];
}
