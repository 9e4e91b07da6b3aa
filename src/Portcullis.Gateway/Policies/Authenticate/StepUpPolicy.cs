using System.Globalization;
using Portcullis.Gateway.Identity.People;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>Asks for a sign-in that is strong and recent enough for the route (RFC 9470). What a credential does not tell of, it has not.</summary>
/// <param name="needsFactors">Whether there must have been several factors.</param>
/// <param name="maximumAge">How long ago the sign-in may be; null: any time.</param>
/// <param name="pages">Where browsers are sent to sign in anew; null where the route takes no sessions.</param>
/// <param name="clock">Tells the age.</param>
internal sealed class StepUpPolicy(bool needsFactors, TimeSpan? maximumAge, ISignIn? pages, TimeProvider clock) : Policy
{
    /// <summary>The value of <c>amr</c> that tells of several factors (RFC 8176 §2), and of <c>acr_values</c> that asks for it.</summary>
    public const string SeveralFactors = "mfa";

    /// <summary>How far an issuer's clock may be ahead.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    // RFC 9470 §3.
    private readonly string challenge = "Bearer error=\"insufficient_user_authentication\", error_description=\"A stronger or more recent sign-in is needed\""
        + (needsFactors ? $", acr_values=\"{SeveralFactors}\"" : string.Empty)
        + (maximumAge is { } age ? string.Create(CultureInfo.InvariantCulture, $", max_age=\"{(long)age.TotalSeconds}\"") : string.Empty);

    public override Stage Stage => Stage.Authorize;

    public override ValueTask<Verdict> OnRequestAsync(Exchange exchange)
    {
        var authentication = exchange.Caller?.Authentication;
        var lacksFactors = needsFactors && authentication?.Methods.Contains(SeveralFactors) != true;
        var isStale = maximumAge is { } longest && !(authentication is { At: var at } && clock.GetUtcNow() - at is var age && age <= longest && age >= -Skew);
        if (!lacksFactors && !isStale) return new(Verdict.Continue);

        var cause = lacksFactors ? "not signed in with several factors" : "signed in too long ago, or nobody knows when";
        if (pages is not null && exchange.AuthenticatedBy == AuthenticationMethod.Session && SignInRedirect.IsDue(exchange))
            return SignInRedirect.SendAsync(exchange, pages, lacksFactors ? SignInWish.SecondFactor : SignInWish.Fresh, RefusalCode.StepUpRequired, cause);
        exchange.AddResponseField("WWW-Authenticate", challenge);
        return new(Verdict.Refuse(RefusalCode.StepUpRequired, cause));
    }
}
