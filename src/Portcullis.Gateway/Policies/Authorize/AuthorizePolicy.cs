using Portcullis.Gateway.Identity.People;
using Portcullis.Gateway.Identity.Roles;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Authenticate;

namespace Portcullis.Gateway.Policies.Authorize;

/// <summary>Lets callers in that have the permissions. Without a caller, and without a rule, nobody is let in.</summary>
internal sealed class AuthorizePolicy : Policy
{
    private const string Scheme = "Bearer ";

    /// <summary>For routes that ask who calls but not who may: nobody.</summary>
    public static readonly AuthorizePolicy DenyAll = new([], [], deniesAll: true, uses: null, pages: null);

    private readonly string[] all;
    private readonly string[] any;
    private readonly bool deniesAll;
    private readonly PermissionUses? uses;
    private readonly ISignIn? pages;
    private readonly string challenge;

    /// <param name="all">Permissions that the caller must all have; empty: none is needed.</param>
    /// <param name="any">Permissions of which the caller must have one; empty: none is needed.</param>
    /// <param name="uses">Remembers who used which; null: nobody does.</param>
    /// <param name="pages">Where browsers are sent whose permissions want a second factor; null where the route takes no sessions.</param>
    public AuthorizePolicy(IEnumerable<string> all, IEnumerable<string> any, PermissionUses? uses = null, ISignIn? pages = null)
        : this(all, any, deniesAll: false, uses, pages)
    {
    }

    private AuthorizePolicy(IEnumerable<string> all, IEnumerable<string> any, bool deniesAll, PermissionUses? uses, ISignIn? pages)
    {
        (this.uses, this.pages) = (uses, pages);
        this.all = [.. all];
        this.any = [.. any];
        this.deniesAll = deniesAll;

        // RFC 6750 §3.1: the scope that is needed may be told, which saves clients guessing. Permissions need no escaping.
        challenge = "Bearer error=\"insufficient_scope\"" + (this.all.Length == 0 ? string.Empty : $", scope=\"{string.Join(' ', this.all)}\"");
    }

    public override Stage Stage => Stage.Authorize;

    public override ValueTask<Verdict> OnRequestAsync(Exchange exchange)
    {
        if (deniesAll) return new(Deny(exchange, "the route names no permission"));
        if (exchange.Caller is not { IsAnonymous: false } caller)
        {
            exchange.AddResponseField("WWW-Authenticate", "Bearer");
            return new(Verdict.Refuse(RefusalCode.AuthenticationRequired, "nobody has been identified"));
        }

        foreach (var permission in all)
        {
            if (!caller.Permissions.Contains(permission)) return DenyAsync(exchange, caller, "lacks " + permission);
        }

        var chosen = any.Length == 0 ? null : FirstOfAny(caller);
        if (any.Length > 0 && chosen is null) return DenyAsync(exchange, caller, "lacks each of " + string.Join(' ', any));
        if (uses is not null && caller.IsOurs) Record(uses, caller, chosen);
        return new(Verdict.Continue);
    }

    // Who lacks nothing but a second factor is asked for that: 403 would say that nobody can help.
    private ValueTask<Verdict> DenyAsync(Exchange exchange, Caller caller, string cause)
    {
        return caller.WouldHold is not null && all.All(May) && (any.Length == 0 || any.Any(May))
            ? StepUpPolicy.AskForFactorsAsync(exchange, pages, cause + ", which counts after a sign-in with several factors alone")
            : new(Deny(exchange, cause));

        bool May(string permission) => caller.Permissions.Contains(permission) || caller.WouldHold(permission);
    }

    private string? FirstOfAny(Caller caller)
    {
        foreach (var permission in any)
        {
            if (caller.Permissions.Contains(permission)) return permission;
        }

        return null;
    }

    // For the subject and, where it acts for a person, the client: both need the permission. Of outside issuers' callers nothing is granted here.
    private void Record(PermissionUses to, Caller caller, string? chosen)
    {
        foreach (var permission in all) Record(to, caller, permission);
        if (chosen is not null) Record(to, caller, permission: chosen);

        static void Record(PermissionUses to, Caller caller, string permission)
        {
            to.Record(caller.Subject, permission);
            if (caller.ClientId.Length > 0 && caller.ClientId != caller.Subject) to.Record(caller.ClientId, permission);
        }
    }

    private Verdict Deny(Exchange exchange, string cause)
    {
        var credentials = exchange.RequestHeaders.Authorization;
        if (credentials.Count == 1 && credentials[0]!.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) exchange.AddResponseField("WWW-Authenticate", challenge);
        return Verdict.Refuse(RefusalCode.PermissionDenied, cause);
    }
}
