using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies.Authorize;

/// <summary>Lets callers in that have the permissions. Without a caller, and without a rule, nobody is let in.</summary>
internal sealed class AuthorizePolicy : Policy
{
    private const string Scheme = "Bearer ";

    /// <summary>For routes that ask who calls but not who may: nobody.</summary>
    public static readonly AuthorizePolicy DenyAll = new([], [], deniesAll: true);

    private readonly string[] all;
    private readonly string[] any;
    private readonly bool deniesAll;
    private readonly string challenge;

    /// <param name="all">Permissions that the caller must all have; empty: none is needed.</param>
    /// <param name="any">Permissions of which the caller must have one; empty: none is needed.</param>
    public AuthorizePolicy(IEnumerable<string> all, IEnumerable<string> any)
        : this(all, any, deniesAll: false)
    {
    }

    private AuthorizePolicy(IEnumerable<string> all, IEnumerable<string> any, bool deniesAll)
    {
        this.all = [.. all];
        this.any = [.. any];
        this.deniesAll = deniesAll;

        // RFC 6750 §3.1: the scope that is needed may be told, which saves clients guessing. Permissions need no escaping.
        challenge = "Bearer error=\"insufficient_scope\"" + (this.all.Length == 0 ? string.Empty : $", scope=\"{string.Join(' ', this.all)}\"");
    }

    public override Stage Stage => Stage.Authorize;

    public override ValueTask<Verdict> OnRequestAsync(Exchange exchange) => new(Check(exchange));

    private Verdict Check(Exchange exchange)
    {
        if (deniesAll) return Deny(exchange, "the route names no permission");
        if (exchange.Caller is not { IsAnonymous: false } caller)
        {
            exchange.AddResponseField("WWW-Authenticate", "Bearer");
            return Verdict.Refuse(RefusalCode.AuthenticationRequired, "nobody has been identified");
        }

        foreach (var permission in all)
        {
            if (!caller.Permissions.Contains(permission)) return Deny(exchange, "lacks " + permission);
        }

        if (any.Length == 0) return Verdict.Continue;
        foreach (var permission in any)
        {
            if (caller.Permissions.Contains(permission)) return Verdict.Continue;
        }

        return Deny(exchange, "lacks each of " + string.Join(' ', any));
    }

    private Verdict Deny(Exchange exchange, string cause)
    {
        var credentials = exchange.RequestHeaders.Authorization;
        if (credentials.Count == 1 && credentials[0]!.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) exchange.AddResponseField("WWW-Authenticate", challenge);
        return Verdict.Refuse(RefusalCode.PermissionDenied, cause);
    }
}
