using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Sessions;
using Portcullis.Gateway.Identity.Events;

namespace Portcullis.Control.Identity.Account;

/// <summary>What follows when somebody changes by what they prove who they are.</summary>
internal static class FactorChanges
{
    /// <summary>A factor was added and proved just now: this session goes on under a new id and knows of it, all others end. False where this one has ended meanwhile.</summary>
    public static async Task<bool> AddedAsync(Visit visit, Session session, params string[] proved)
    {
        var sessions = visit.Services.Sessions;
        return await sessions.StepUpAsync(session, proved, visit.Aborted) is { } renewed && await RenewAsync(visit, renewed.Session);
    }

    /// <summary>A factor was removed. Recovery codes go with the last one: they stand in for nothing any more.</summary>
    public static async Task<bool> RemovedAsync(Visit visit, Session session, Person person)
    {
        visit.Raise(SecurityEventKind.FactorRemoved, person.Id);
        if (await visit.Services.People.FindByIdAsync(person.Id, visit.Aborted) is { HasSecondFactor: false })
            await visit.Services.Factors.ReplaceRecoveryCodesAsync(person.Id, [], visit.Aborted);
        return await RenewAsync(visit, session);
    }

    private static async Task<bool> RenewAsync(Visit visit, Session session)
    {
        if (await visit.Services.Sessions.CredentialsChangedAsync(session, visit.Aborted) is not { } renewed) return false;
        await visit.Services.Standing.EndTokensAsync(session.Subject, renewed.Ended, visit.Aborted);
        visit.Keep(renewed);
        return true;
    }
}
