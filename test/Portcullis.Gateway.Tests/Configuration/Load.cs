using System.Text;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Policies;

namespace Portcullis.Gateway.Tests.Configuration;

/// <summary>Loads test configurations with the real policy kinds and no environment but what the test names.</summary>
internal static class Load
{
    /// <summary>A listener, a cluster and a route, without errors or warnings.</summary>
    public const string Minimal = """
        listeners:
          public: { address: "127.0.0.1:0" }
        clusters:
          orders: { destinations: ["http://127.0.0.1:9001"] }
        routes:
          orders:
            match: { path: "/orders/{**rest}" }
            cluster: orders
            policies: { authenticate: token, authorize: { permissions: [orders:read] } }
        identity: { issuer: "https://api.example.com" }

        """;

    public static LoadResult Text(string yaml, params (string Name, string Value)[] variables) => Text(yaml, null, variables);

    public static LoadResult Text(string yaml, string? directory, params (string Name, string Value)[] variables)
        => new ConfigurationLoader(PolicyKinds.All, variables.ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal))
            .Load(Encoding.UTF8.GetBytes(yaml), "test.yaml", directory);

    /// <summary>The options of a configuration that must have no errors.</summary>
    public static GatewayOptions Options(string yaml, params (string Name, string Value)[] variables)
    {
        var result = Text(yaml, variables);
        Assert.True(result.Options is not null, Report(result));
        return result.Options;
    }

    /// <summary>The one error of a configuration.</summary>
    public static ConfigurationProblem Error(string yaml, params (string Name, string Value)[] variables)
    {
        var result = Text(yaml, variables);
        var errors = result.Problems.All.Where(problem => problem.IsError).ToList();
        Assert.True(errors.Count == 1, Report(result));
        return errors[0];
    }

    public static string Report(LoadResult result) => string.Join('\n', result.Problems.All);
}
