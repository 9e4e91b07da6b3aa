using System.Collections.Frozen;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Identity.Roles;

/// <summary>Resolves what roles include, each once, and finds what is wrong with them: unknown names, cycles, excluded permissions in one role.</summary>
internal sealed class RoleCompiler(IReadOnlyDictionary<string, RoleOptions> roles, IReadOnlyList<SeparationOptions> separation, Action<RoleDefect> report)
{
    // Roles in roles in roles: nobody oversees more, and it bounds the depth of the recursion.
    private const int DeepestInclusion = 32;

    private readonly Dictionary<string, CompiledRole?> effective = new(StringComparer.Ordinal);
    private readonly List<string> open = [];
    private bool isWrong;

    /// <summary>Null after errors.</summary>
    public (FrozenDictionary<string, CompiledRole> Roles, IReadOnlyList<IReadOnlyList<PermissionPattern>> Exclusions)? Compile()
    {
        if (roles.Count > RoleSet.MostRoles)
        {
            Error("roles", $"{roles.Count} roles are defined", $"define at most {RoleSet.MostRoles}");
            return null;
        }

        foreach (var name in roles.Keys) Resolve(name);
        var exclusions = Exclusions();
        if (isWrong) return null;
        foreach (var (name, role) in effective)
        {
            if (RoleSet.Conflict(role!.Grants, exclusions) is { } conflict) Error("roles." + name, $"joins duties that are separated: {conflict.Text}", "divide the role, or change separationOfDuties");
        }

        return isWrong ? null : (effective.ToFrozenDictionary(pair => pair.Key, pair => pair.Value!, StringComparer.Ordinal), exclusions);
    }

    // Null where the role is part of a cycle or of an inclusion that is too deep, which has been reported.
    private CompiledRole? Resolve(string name)
    {
        if (effective.TryGetValue(name, out var known)) return known;
        open.Add(name);
        var grants = new GrantTable();
        var needsFactor = roles[name].Mfa == RoleFactor.Required;
        AddOwn(name, grants);
        for (var i = 0; i < roles[name].Includes.Count; i++) needsFactor |= AddIncluded(name, i, grants)?.NeedsFactor == true;
        open.RemoveAt(open.Count - 1);
        if (grants.Count > RoleSet.MostPermissions) Error("roles." + name, $"comes to {grants.Count} permissions", $"at most {RoleSet.MostPermissions}: divide the role, or grant several at once by a star, as in orders:*");
        return effective[name] = new(grants.ToList(), needsFactor);
    }

    private void AddOwn(string name, GrantTable grants)
    {
        var permissions = roles[name].Permissions;
        var needsFactor = roles[name].Mfa == RoleFactor.Required;
        for (var i = 0; i < permissions.Count; i++)
        {
            var path = $"roles.{name}.permissions[{i}]";
            if (Parse(path, permissions[i]) is not { } pattern) continue;
            if (!grants.Add(new(pattern, [name], needsFactor))) Warn(path, $"{Excerpt.Quote(pattern.Text)} is written twice", "remove one");
            if (pattern.IsForAnyResource) Warn(path, $"{Excerpt.Quote(pattern.Text)} reaches every resource, also those that are still to come", "name the resources");

            // NIST SP 800-53, IA-2(1): privileged accounts need several factors. What is not named yet may be the gateway's own administration.
            if (!needsFactor && IsPowerful(pattern)) Warn(path, $"{Excerpt.Quote(pattern.Text)} administers the gateway, and role {Excerpt.Quote(name)} asks for no second factor", "write mfa: required in the role");
        }
    }

    private CompiledRole? AddIncluded(string name, int index, GrantTable grants)
    {
        var included = roles[name].Includes[index];
        var path = $"roles.{name}.includes[{index}]";
        if (!roles.ContainsKey(included))
        {
            Error(path, $"there is no role {Excerpt.Quote(included)}", NearestName.Hint(included, [.. roles.Keys]) ?? "define it under roles");
            return null;
        }

        var start = open.IndexOf(included);
        if (start >= 0)
        {
            Error(path, $"roles include each other: {string.Join(" → ", open.Skip(start))} → {included}", "remove one of these inclusions");
            return null;
        }

        if (open.Count >= DeepestInclusion)
        {
            Error(path, $"roles are included {DeepestInclusion} deep", "include the roles themselves");
            return null;
        }

        var resolved = Resolve(included);
        var needsFactor = roles[name].Mfa == RoleFactor.Required;
        foreach (var grant in resolved?.Grants ?? []) grants.Add(new(grant.Permission, [name, .. grant.Roles], needsFactor || grant.NeedsFactor));
        return resolved;
    }

    private List<IReadOnlyList<PermissionPattern>> Exclusions()
    {
        var exclusions = new List<IReadOnlyList<PermissionPattern>>();
        for (var i = 0; i < separation.Count; i++)
        {
            var path = $"separationOfDuties[{i}]";
            var names = separation[i].Permissions;
            if (names.Count is < 2 or > 64)
            {
                Error(path, $"{names.Count} permissions can't exclude each other", "write a list of lists of two or more: [[orders:write, orders:approve]]");
                continue;
            }

            var exclusion = new List<PermissionPattern>();
            for (var j = 0; j < names.Count; j++)
            {
                var item = $"{path}.permissions[{j}]";
                if (Parse(item, names[j]) is not { } pattern) continue;
                if (exclusion.Find(pattern.Overlaps) is { } other) Error(item, $"{Excerpt.Quote(pattern.Text)} and {Excerpt.Quote(other.Text)} have permissions in common, which would exclude themselves", "write permissions that are apart");
                else if (roles.Count > 0 && !Grants(pattern)) Warn(item, $"no role grants {Excerpt.Quote(pattern.Text)}", "check the spelling; permissions that are granted by themselves still count");
                exclusion.Add(pattern);
            }

            exclusions.Add(exclusion);
        }

        return exclusions;
    }

    private bool Grants(PermissionPattern pattern) => effective.Values.Any(role => role is not null && role.Grants.Any(grant => grant.Permission.Overlaps(pattern)));

    private static bool IsPowerful(PermissionPattern pattern) => pattern.IsForAnyResource || pattern.Text.StartsWith("admin:", StringComparison.Ordinal);

    private PermissionPattern? Parse(string path, string text)
    {
        if (PermissionPattern.TryParse(text, out var pattern)) return pattern;
        Error(path, $"{Excerpt.Quote(text)} is no permission", text.Contains('*', StringComparison.Ordinal) ? "a star stands for a whole word: orders:*" : "write resource:action, as in orders:read");
        return null;
    }

    private void Error(string path, string text, string hint)
    {
        isWrong = true;
        report(new(true, path, text, hint));
    }

    private void Warn(string path, string text, string hint) => report(new(false, path, text, hint));
}
