using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Authenticate;

namespace Portcullis.Gateway.Policies.Authorize;

/// <summary><c>authorize</c>: what callers must be permitted. A route that authenticates and does not say refuses everybody.</summary>
internal sealed class AuthorizePolicyKind : PolicyKind<AuthorizeOptions>
{
    private const string AnyCaller = "authenticated";
    private const int MostPermissions = 64;

    public override string Name => "authorize";

    public override string Description => "Which permissions callers need, and of which tenant they must be; authenticated lets in every caller with a valid credential.";

    protected override IEnumerable<Policy> Compile(AuthorizeOptions options, RouteCompilation route)
    {
        var isValid = CheckNames(options, route);
        var authenticate = route.Route.Policies.Find<AuthenticateOptions>("authenticate");
        if (authenticate is { Methods: [AuthenticationMethod.None] })
        {
            route.Error(string.Empty, "nobody is identified on this route, so nobody could pass", "write authenticate: token, or leave authorize out");
            isValid = false;
        }

        var tenant = options.Tenant is { } chosen ? TenantRules.Read(chosen, route) : null;
        isValid &= options.Tenant is null || tenant is not null;

        // Refusing is what an invalid rule does, should it ever run.
        if (tenant is not null) yield return new TenantPolicy(tenant);
        var pages = authenticate?.Methods.Contains(AuthenticationMethod.Session) == true ? route.State.Identity.SignIn : null;
        yield return isValid ? new AuthorizePolicy(options.Permissions is [AnyCaller] ? [] : options.Permissions, options.AnyOf, route.State.PermissionUses, pages) : AuthorizePolicy.DenyAll;
    }

    private static bool CheckNames(AuthorizeOptions options, RouteCompilation route)
    {
        if (options.Permissions.Count + options.AnyOf.Count is 0 or > MostPermissions)
        {
            route.Error(string.Empty, $"{options.Permissions.Count + options.AnyOf.Count} permissions are named", $"name 1 to {MostPermissions}, or write authorize: authenticated to let in every caller");
            return false;
        }

        var isValid = true;
        if (options is not { Permissions: [AnyCaller], AnyOf: [] })
        {
            Check("permissions", options.Permissions);
            Check("anyOf", options.AnyOf);
        }

        return isValid;

        void Check(string key, IReadOnlyList<string> names)
        {
            for (var i = 0; i < names.Count; i++)
            {
                var name = names[i];
                if (PermissionName.IsValid(name)) continue;
                isValid = false;
                var (message, hint) = name switch
                {
                    AnyCaller => ("authenticated stands beside permissions, which already need a caller", "leave it out"),
                    _ when name.Contains('*', StringComparison.Ordinal) => ($"{Excerpt.Quote(name)} has a wildcard", "name each permission: they are compared as written"),
                    _ => ($"{Excerpt.Quote(name)} is no permission", "write resource:action with letters, digits, dots, hyphens and underscores"),
                };
                route.Error($"{key}[{i}]", message, hint);
            }
        }
    }
}
