using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Routing;

namespace Portcullis.Gateway.Tests.Routing;

/// <summary>Short ways to write routes and requests in tests.</summary>
internal static class Routes
{
    public static RouteEntry<string> Route(
        string path, string? name = null, string hosts = "", string methods = "", FieldCondition[]? headers = null, FieldCondition[]? query = null)
    {
        Assert.True(RoutePattern.TryParse(path, out var pattern, out var error), error?.Text);
        name ??= path;
        return new RouteEntry<string>(name, new RouteMatch
        {
            Hosts = [.. Words(hosts).Select(Host)],
            Path = pattern,
            Methods = Words(methods),
            Headers = headers ?? [],
            Query = query ?? [],
        }, name);
    }

    public static RouteHost Host(string text)
    {
        Assert.True(RouteHost.TryParse(text, out var host, out var error), error?.Text);
        return host;
    }

    public static FieldCondition Header(string name, FieldConditionKind kind, string value = "")
    {
        Assert.True(FieldCondition.TryCreateHeader(name, kind, value, out var condition, out var error), error?.Text);
        return condition;
    }

    public static FieldCondition Query(string name, FieldConditionKind kind, string value = "")
    {
        Assert.True(FieldCondition.TryCreateQuery(name, kind, value, out var condition, out var error), error?.Text);
        return condition;
    }

    public static RouteTable<string> Table(params RouteEntry<string>[] routes)
    {
        var table = RouteTable<string>.Build(routes, out var errors);
        Assert.True(table is not null, string.Join('\n', errors.Select(error => error.Text)));
        return table;
    }

    public static RouteResult<string> Find(
        this RouteTable<string> table, string path, string host = "", string method = "GET", string query = "", HeaderDictionary? headers = null) =>
        table.Find(host, path, method, query, new HeaderFields(headers ?? []));

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
