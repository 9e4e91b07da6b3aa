using Portcullis.Gateway.Identity.Roles;
using Portcullis.Trust.Passwords;

namespace Portcullis.Gateway.Configuration.Rules;

/// <summary>Roles, separation of duties, and the sessions and passwords of people.</summary>
internal static class PeopleRules
{
    private static readonly TimeSpan LongIdle = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongSession = TimeSpan.FromHours(24);

    public static void Check(RuleScope scope)
    {
        RoleSet.Compile(scope.Options.Roles, scope.Options.SeparationOfDuties, defect =>
        {
            if (defect.IsError) scope.Error(defect.Path, defect.Text, defect.Hint);
            else scope.Warning(defect.Path, defect.Text, defect.Hint);
        });
        if (scope.Options.Identity is { } identity) CheckIdentity(scope, identity);
    }

    private static void CheckIdentity(RuleScope scope, IdentityOptions identity)
    {
        var session = identity.Session;
        if (session.IdleTimeout > session.AbsoluteTimeout)
            scope.Error("identity.session.idleTimeout", "is longer than absoluteTimeout, so it would never be reached", "write a shorter time, or a longer absoluteTimeout");

        // NIST SP 800-63B-4 §2.2.3: at AAL2, an hour without activity and a day in all are the times after which people prove again who they are.
        if (session.IdleTimeout > LongIdle)
            scope.Warning("identity.session.idleTimeout", "a session that nobody uses stays open for more than an hour", "write 1h or less; whoever finds the browser open is signed in");
        if (session.AbsoluteTimeout > LongSession)
            scope.Warning("identity.session.absoluteTimeout", "a session lasts for more than a day, and so does one that was stolen", "write 24h or less");
        if (identity.Passwords.MinimumLength < PasswordRules.UsualMinimum)
            scope.Warning("identity.passwords.minimumLength", $"passwords of fewer than {PasswordRules.UsualMinimum} characters are taken", "write 12 or more; 15 where a password is all that people need to sign in");
        if (identity.Passwords.ServiceWords.Count > 32)
            scope.Error("identity.passwords.serviceWords", $"{identity.Passwords.ServiceWords.Count} names are written", "write at most 32");
        for (var i = 0; i < identity.Passwords.ServiceWords.Count; i++)
        {
            if (identity.Passwords.ServiceWords[i].Trim().Length < 4)
                scope.Error($"identity.passwords.serviceWords[{i}]", $"{Excerpt.Quote(identity.Passwords.ServiceWords[i])} is too short to be looked for", "write names of four letters or more");
        }
    }
}
