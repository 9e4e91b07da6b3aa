using System.Diagnostics.CodeAnalysis;

namespace Portcullis.Gateway.Identity.Grants;

/// <summary>The decision about a code. <c>default</c> gives nothing.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Code">The code where it is <see cref="CodeRedemptionOutcome.Redeemed"/> or <see cref="CodeRedemptionOutcome.Replayed"/>.</param>
public readonly record struct CodeRedemption(CodeRedemptionOutcome Outcome, AuthorizationCode? Code)
{
    /// <summary>Whether tokens may be given for it.</summary>
    [MemberNotNullWhen(true, nameof(Code))]
    public bool IsRedeemed => Outcome == CodeRedemptionOutcome.Redeemed && Code is not null;
}
