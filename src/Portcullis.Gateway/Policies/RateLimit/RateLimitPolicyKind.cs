using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies.RateLimit;

/// <summary>
/// <c>rateLimit</c>: how often addresses, callers and all together may ask. Limits by address are checked before authentication,
/// which they protect; limits by caller and by route after it.
/// </summary>
internal sealed class RateLimitPolicyKind : PolicyKind<RateLimitOptions>
{
    private const int MostLimits = 16;
    private const int MostNameCharacters = 64;

    public override string Name => "rateLimit";

    public override string Description => "Limits how often an address, a caller or everybody together may ask; refuses the rest with 429.";

    protected override IEnumerable<Policy> Compile(RateLimitOptions options, RouteCompilation route)
    {
        if (options.Limits.Count is 0 or > MostLimits)
        {
            route.Error("limits", $"there are {options.Limits.Count} limits", $"write 1 to {MostLimits}, or leave rateLimit out");
            return [];
        }

        var store = route.State.Limits;
        var names = new HashSet<string>(StringComparer.Ordinal);
        var limits = new List<(LimitBy By, Limit Limit)>();
        for (var i = 0; i < options.Limits.Count; i++)
        {
            var limit = options.Limits[i];
            var name = NameOf(limit, i, names, route);
            if (LimitRates.Check(limit, $"limits[{i}]", route) && name is not null) limits.Add((limit.By, new Limit(route.Name, name, limit, store)));
        }

        if (limits.Count < options.Limits.Count) return [];

        var told = string.Join(", ", limits.Where(item => item.Limit.IsTold).Select(item => item.Limit.PolicyItem));
        var writesFields = options.Headers && told.Length > 0;
        var policies = new List<Policy>();
        foreach (var group in limits.GroupBy(item => item.By == LimitBy.Address ? Stage.LimitAddress : Stage.LimitCaller))
            policies.Add(new RateLimitPolicy(group.Key, group.Select(item => item.Limit), told, writesFields && policies.Count == 0, store));
        return policies;
    }

    private static string? NameOf(LimitOptions limit, int index, HashSet<string> names, RouteCompilation route)
    {
        if (limit.Name is not { } name)
        {
            name = limit.By.ToString().ToLowerInvariant();
            for (var number = 2; !names.Add(name); number++) name = $"{limit.By.ToString().ToLowerInvariant()}-{number}";
            return name;
        }

        if (name.Length is 0 or > MostNameCharacters || !name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.'))
        {
            route.Error($"limits[{index}].name", "the name is no word", $"use up to {MostNameCharacters} letters, digits, dots, hyphens and underscores");
            return null;
        }

        if (names.Add(name)) return name;
        route.Error($"limits[{index}].name", $"another limit of the route is named '{name}'", "give each limit its own name");
        return null;
    }
}
