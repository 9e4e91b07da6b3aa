using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Routing;

namespace Portcullis.Benchmarks.Routing;

/// <summary>The routes and requests that the routing benchmarks and budgets share.</summary>
internal static class RoutingSamples
{
    public static readonly HeaderFields Headers = new(new HeaderDictionary { ["X-Version"] = "v2" });

    /// <summary>A table of services with four routes each, on one exact host, one wildcard and any host.</summary>
    public static RouteTable<string> Table(int routes)
    {
        var entries = new List<RouteEntry<string>>(routes);
        for (var i = 0; entries.Count < routes; i++)
        {
            string? host = (i % 3) switch { 0 => "api.example.com", 1 => "*.example.com", _ => null };
            entries.Add(Entry($"/service-{i}/items/{{id}}", host));
            entries.Add(Entry($"/service-{i}/items/{{id}}/lines/{{line}}", host));
            entries.Add(Entry($"/service-{i}/items", host, isVersioned: true));
            entries.Add(Entry($"/service-{i}/{{**rest}}", host));
        }

        return RouteTable<string>.Build(entries, out var errors) ?? throw new InvalidOperationException(errors[0].Text);
    }

    public static HostName Host(string text) =>
        HostName.TryNormalise(text, out var host, out var broken) ? host : throw new InvalidOperationException(broken.Text());

    public static RequestTarget Target(string raw) =>
        TargetNormaliser.TryNormalise(raw, "GET", default, TargetSource.RequestLine, TargetOptions.Default, out var target, out var broken)
            ? target
            : throw new InvalidOperationException(broken.Text());

    public static RoutePattern Pattern(string text) =>
        RoutePattern.TryParse(text, out var pattern, out var error) ? pattern : throw new InvalidOperationException(error.Text);

    private static RouteEntry<string> Entry(string path, string? host, bool isVersioned = false) => new(path, new RouteMatch
    {
        Hosts = host is null ? [] : RouteHost.TryParse(host, out var parsed, out _) ? [parsed] : throw new InvalidOperationException(host),
        Path = Pattern(path),
        Headers = !isVersioned ? [] : FieldCondition.TryCreateHeader("X-Version", FieldConditionKind.Prefix, "v", out var condition, out var error) ? [condition] : throw new InvalidOperationException(error.Text),
    }, path);
}
