namespace Portcullis.Gateway.Identity.Roles;

/// <summary>A role with all that it includes.</summary>
/// <param name="Grants">What it grants in the end, each permission once, in the order of their texts.</param>
/// <param name="NeedsFactor">Whether it, or a role that it includes, says <c>mfa: required</c>.</param>
internal sealed record CompiledRole(IReadOnlyList<Grant> Grants, bool NeedsFactor);
