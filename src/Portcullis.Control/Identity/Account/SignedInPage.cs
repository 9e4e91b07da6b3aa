using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Sessions;
using Portcullis.Gateway.Identity.People;
using Portcullis.Gateway.Pipeline;
using Person = Portcullis.Control.Identity.People.Person;

namespace Portcullis.Control.Identity.Account;

/// <summary>A page for who is signed in.</summary>
/// <param name="account">What pages share.</param>
/// <param name="home">Where who must sign in first comes back to: a page that can be asked for by GET.</param>
internal abstract class SignedInPage(AccountContext account, string home) : AccountPage(account)
{
    /// <summary>How long after proving who they are people may change by what they prove it.</summary>
    public static TimeSpan FreshFor { get; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether only who proved a moment ago who they are may do this: also a browser that was left open is in somebody's hands.</summary>
    protected virtual bool NeedsFresh => false;

    protected sealed override ValueTask<Verdict> GetAsync(Visit visit) => EnterAsync(visit, ShowAsync);

    protected sealed override ValueTask<Verdict> PostAsync(Visit visit) => EnterAsync(visit, ChangeAsync);

    protected virtual ValueTask<Verdict> ShowAsync(Visit visit, Session session, Person person) => new(Verdict.Refuse(RefusalCode.RouteNotFound));

    protected virtual ValueTask<Verdict> ChangeAsync(Visit visit, Session session, Person person) => new(Verdict.Refuse(RefusalCode.RouteNotFound));

    /// <summary>Whether somebody proved a moment ago, with all factors that they have, who they are.</summary>
    protected static bool IsFresh(Visit visit, Session session, Person person)
        => visit.Now - session.AuthenticatedAt <= FreshFor && (!person.HasSecondFactor || session.Methods.Contains(AuthenticationMethods.MultiFactor));

    private async ValueTask<Verdict> EnterAsync(Visit visit, Func<Visit, Session, Person, ValueTask<Verdict>> answer)
    {
        if (visit.Session is not { } session || await visit.Services.People.FindByIdAsync(session.Subject, visit.Aborted) is not { IsDisabled: false } person)
            return await visit.SignInFirstAsync(home);

        // Who needs a second factor gets nowhere without one; where none is enrolled signing in begins with that.
        if (!session.Methods.Contains(AuthenticationMethods.MultiFactor) && await visit.Services.FactorRule.AppliesToAsync(person, visit.Aborted)) return await visit.SignInFirstAsync(home, SignInWish.SecondFactor);
        if (NeedsFresh && !IsFresh(visit, session, person)) return await visit.SignInFirstAsync(home, SignInWish.Fresh);
        visit.Exchange.Caller = new Caller(person.Id, string.Empty, []);
        return await answer(visit, session, person);
    }
}
