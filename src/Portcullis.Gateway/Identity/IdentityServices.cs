using Portcullis.Gateway.Identity.ApiKeys;
using Portcullis.Gateway.Identity.Clients;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Gateway.Identity.Grants;
using Portcullis.Gateway.Identity.People;
using Portcullis.Gateway.Identity.Revocations;
using Portcullis.Gateway.Identity.Roles;

namespace Portcullis.Gateway.Identity;

/// <summary>
/// What the token service gets from the control plane, beside clients. What is missing is not offered: without grants, people or sign-in no authorization
/// code, without revocations no revoking, without memory for assertions no <c>private_key_jwt</c>.
/// </summary>
public sealed record IdentityServices
{
    /// <summary>Codes and refresh tokens.</summary>
    public IGrantStore? Grants { get; init; }

    /// <summary>Revoked access tokens.</summary>
    public IRevocationStore? Revocations { get; init; }

    /// <summary>Client assertions already used.</summary>
    public IAssertionsSeen? Assertions { get; init; }

    /// <summary>People and what they may do.</summary>
    public IPeople? People { get; init; }

    /// <summary>Who is signed in.</summary>
    public ISignIn? SignIn { get; init; }

    /// <summary>What people and clients may do now. Null: tokens keep what they were issued with until they end.</summary>
    public IEntitlements? Entitlements { get; init; }

    /// <summary>Where uses of permissions are kept for access reviews. Null: nowhere.</summary>
    public IPermissionUseStore? PermissionUses { get; init; }

    /// <summary>API keys.</summary>
    public IApiKeys? ApiKeys { get; init; }

    /// <summary>Sign-in and account pages. Null: none.</summary>
    public IBuiltInPages? Pages { get; init; }

    /// <summary>Where security events go. Null: the structured log.</summary>
    public ISecurityEvents? Events { get; init; }

    /// <summary>Whether all is there that the authorization-code grant needs.</summary>
    internal bool OffersCodes => Grants is not null && People is not null && SignIn is not null && Revocations is not null;
}
