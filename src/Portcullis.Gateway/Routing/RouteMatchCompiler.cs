using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Routing;

/// <summary>Turns a route's match section into a <see cref="RouteMatch"/>, or reports all that is wrong with it.</summary>
internal static class RouteMatchCompiler
{
    public static RouteMatch? Compile(string route, RouteMatchOptions options, ConfigurationProblems problems)
    {
        var at = $"routes.{route}.match";
        var ok = RoutePattern.TryParse(options.Path, out var pattern, out var patternError);
        if (!ok) problems.Error($"{at}.path", patternError!.Text, patternError.Hint);

        var hosts = new List<RouteHost>();
        foreach (var (index, text) in options.Hosts.Index())
        {
            if (RouteHost.TryParse(text, out var host, out var error)) hosts.Add(host);
            else ok = Report(problems, $"{at}.hosts[{index}]", error);
        }

        var headers = Conditions(options.Headers, $"{at}.headers", FieldCondition.TryCreateHeader, problems, ref ok);
        var query = Conditions(options.Query, $"{at}.query", FieldCondition.TryCreateQuery, problems, ref ok);
        return ok ? new RouteMatch { Path = pattern!, Hosts = hosts, Methods = options.Methods, Headers = headers, Query = query } : null;
    }

    private delegate bool Create(string name, FieldConditionKind kind, string value, out FieldCondition? condition, out RouteError? error);

    private static List<FieldCondition> Conditions(IReadOnlyList<FieldConditionOptions> options, string at, Create create, ConfigurationProblems problems, ref bool ok)
    {
        var conditions = new List<FieldCondition>();
        foreach (var (index, option) in options.Index())
        {
            if (Kind(option) is not var (kind, value))
            {
                ok = Report(problems, $"{at}[{index}]", new("the condition says more than one thing", "keep one of exact, prefix, regex and present"));
            }
            else if (create(option.Name, kind, value, out var condition, out var error))
            {
                conditions.Add(condition!);
            }
            else
            {
                ok = Report(problems, $"{at}[{index}]", error!);
            }
        }

        return conditions;
    }

    private static (FieldConditionKind Kind, string Value)? Kind(FieldConditionOptions option) => option switch
    {
        { Exact: { } exact, Prefix: null, Regex: null, Present: null } => (FieldConditionKind.Exact, exact),
        { Exact: null, Prefix: { } prefix, Regex: null, Present: null } => (FieldConditionKind.Prefix, prefix),
        { Exact: null, Prefix: null, Regex: { } regex, Present: null } => (FieldConditionKind.Regex, regex),
        { Exact: null, Prefix: null, Regex: null, Present: false } => (FieldConditionKind.Absent, string.Empty),
        { Exact: null, Prefix: null, Regex: null } => (FieldConditionKind.Present, string.Empty),
        _ => null,
    };

    private static bool Report(ConfigurationProblems problems, string path, RouteError error)
    {
        problems.Error(path, error.Text, error.Hint);
        return false;
    }
}
