namespace Portcullis.Gateway.Identity.Roles;

/// <summary>
/// What the gateway's own people and programs may do now, in memory: tokens that are out already are held against it. Implemented by the control plane. Safe
/// from any thread. While the database is away it tells what was known last.
/// </summary>
public interface IEntitlements
{
    /// <summary>
    /// Changes within a second of whatever changes what somebody may do: a role granted or taken back, one redefined, a client changed. Read it before asking;
    /// what was asked under the same number still holds.
    /// </summary>
    long Version { get; }

    /// <summary>Completes when all is known; nobody may do anything before. Faults never.</summary>
    Task Loaded { get; }

    /// <summary>What the person or client may do in the end; <see cref="PermissionSet.None"/> for everybody else. Never waits.</summary>
    PermissionSet Of(string subject);
}
