using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Policies.Authorize;

namespace Portcullis.Gateway.Identity.Roles;

/// <summary>The permissions that a configuration names.</summary>
public static class PermissionVocabulary
{
    /// <summary>Those of its routes and roles, without stars, each once, in the order of their texts.</summary>
    public static IReadOnlyList<string> Of(GatewayOptions options)
    {
        var routes = options.Routes.Values.Select(route => route.Policies.Find<AuthorizeOptions>("authorize")).OfType<AuthorizeOptions>().SelectMany(authorize => authorize.Permissions.Concat(authorize.AnyOf));
        var roles = options.Roles.Values.SelectMany(role => role.Permissions);
        return [.. routes.Concat(roles).Where(name => PermissionName.IsValid(name)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }
}
