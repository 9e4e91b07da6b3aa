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
    /// <summary>How far an issuer's clock may be ahead.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    // RFC 9470 §3.
    private const string Challenge = "Bearer error=\"insufficient_user_authentication\", error_description=\"A stronger or more recent sign-in is needed\"";
    private const string OfFactors = $", acr_values=\"{SeveralFactors.Method}\"";

    private readonly string challenge = Challenge
        + (needsFactors ? OfFactors : string.Empty)
        + (maximumAge is { } age ? string.Create(CultureInfo.InvariantCulture, $", max_age=\"{(long)age.TotalSeconds}\"") : string.Empty);

    public override Stage Stage => Stage.Authorize;

    public override ValueTask<Verdict> OnRequestAsync(Exchange exchange)
    {
        var authentication = exchange.Caller?.Authentication;
        var lacksFactors = needsFactors && !authentication.HasSeveralFactors();
        var isStale = maximumAge is { } longest && !(authentication is { At: var at } && clock.GetUtcNow() - at is var age && age <= longest && age >= -Skew);
        if (!lacksFactors && !isStale) return new(Verdict.Continue);

        var cause = lacksFactors ? "not signed in with several factors" : "signed in too long ago, or nobody knows when";
        return AskAsync(exchange, pages, lacksFactors ? SignInWish.SecondFactor : SignInWish.Fresh, challenge, cause);
    }

    /// <summary>Asks for a sign-in with several factors, where something else than the route's <c>require</c> found that there was none.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="pages">Where browsers are sent; null where the route takes no sessions.</param>
    /// <param name="cause">Why, for logs.</param>
    public static ValueTask<Verdict> AskForFactorsAsync(Exchange exchange, ISignIn? pages, string cause) => AskAsync(exchange, pages, SignInWish.SecondFactor, Challenge + OfFactors, cause);

    private static ValueTask<Verdict> AskAsync(Exchange exchange, ISignIn? pages, SignInWish wish, string challenge, string cause)
    {
        if (pages is not null && exchange.AuthenticatedBy == AuthenticationMethod.Session && SignInRedirect.IsDue(exchange))
            return SignInRedirect.SendAsync(exchange, pages, wish, RefusalCode.StepUpRequired, cause);
        exchange.AddResponseField("WWW-Authenticate", challenge);
        return new(Verdict.Refuse(RefusalCode.StepUpRequired, cause));
    }
}
