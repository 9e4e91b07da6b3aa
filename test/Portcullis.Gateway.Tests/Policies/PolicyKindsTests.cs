using System.ComponentModel;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Policies;

namespace Portcullis.Gateway.Tests.Policies;

/// <summary>No policy is complete without its folder, its tests, its page and samples that load.</summary>
public sealed partial class PolicyKindsTests
{
    public static TheoryData<string> Names => [.. PolicyKinds.All.Select(kind => kind.Name)];

    [Fact]
    public void Names_are_unique() => Assert.Equal(PolicyKinds.All.Count, PolicyKinds.All.Select(kind => kind.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_kind_has_a_folder_and_a_name_after_it(string name)
    {
        var kind = Kind(name);

        Assert.Equal($"{Folder(name)}PolicyKind", kind.GetType().Name);
        Assert.Equal($"Portcullis.Gateway.Policies.{Folder(name)}", kind.GetType().Namespace);
        Assert.True(File.Exists(Path.Combine(Repository.Root, "src", "Portcullis.Gateway", "Policies", Folder(name), $"{Folder(name)}PolicyKind.cs")));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_kind_has_tests(string name)
    {
        var tests = typeof(PolicyKindsTests).Assembly.GetTypes().Where(type => type.Namespace == $"Portcullis.Gateway.Tests.Policies.{Folder(name)}");

        Assert.Contains(tests.SelectMany(type => type.GetMethods()), method => method.IsDefined(typeof(FactAttribute), inherit: true));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_option_has_a_description_and_stands_on_the_page(string name)
    {
        var page = Page(name);

        foreach (var property in Options(Kind(name).OptionsType))
        {
            Assert.True(property.IsDefined(typeof(DescriptionAttribute)), $"{property.DeclaringType!.Name}.{property.Name} has no description");
            var key = System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            Assert.True(page.Contains($"`{key}`", StringComparison.Ordinal), $"docs/configuration/{name}.md does not tell of `{key}`");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_sample_of_the_page_loads(string name)
    {
        var samples = Sample().Matches(Page(name)).Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(samples);

        foreach (var sample in samples)
        {
            var text = WithRoute(sample);
            var result = new ConfigurationLoader(PolicyKinds.All, new Dictionary<string, string>(StringComparer.Ordinal) { ["UPSTREAM_TOKEN"] = "Basic abc" }).Load(Encoding.UTF8.GetBytes(text), "sample.yaml");
            Assert.True(result.Options is not null, text + string.Join('\n', result.Problems.All));
            var route = result.Options.Routes["orders"];
            Assert.True(route.Policies.ByKind.ContainsKey(name), $"a sample on the page of {name} does not show it");
            if (name == "authenticate") continue; // compiling it takes the keys of an issuer; its own tests do

            var bench = new PolicyBench();
            bench.Compile(Kind(name), route.Policies.ByKind[name], route);
            Assert.True(!bench.Errors.Any(), text + string.Join('\n', bench.Problems));
        }
    }

    [Fact]
    public void A_sample_with_a_wrong_key_would_be_found()
    {
        var result = new ConfigurationLoader(PolicyKinds.All).Load(Encoding.UTF8.GetBytes(WithRoute("rateLimit: [{ by: address, limits: 1, period: 1s }]\n")), "sample.yaml");

        Assert.Null(result.Options);
    }

    private static PolicyKind Kind(string name) => PolicyKinds.All.Single(kind => kind.Name == name);

    private static string Folder(string name) => char.ToUpperInvariant(name[0]) + name[1..];

    private static string Page(string name) => File.ReadAllText(Path.Combine(Repository.Root, "docs", "configuration", name + ".md"));

    private static IEnumerable<PropertyInfo> Options(Type type)
    {
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(property => property.CanWrite))
        {
            yield return property;
            var inner = property.PropertyType.IsGenericType ? property.PropertyType.GenericTypeArguments[^1] : property.PropertyType;
            if (inner.IsClass && inner.Namespace!.StartsWith("Portcullis.Gateway.Policies", StringComparison.Ordinal))
            {
                foreach (var deeper in Options(inner)) yield return deeper;
            }
        }
    }

    /// <summary>A sample is what stands under a route's <c>policies</c>; one that names no authenticate gets it.</summary>
    private static string WithRoute(string sample)
    {
        var policies = sample.Contains("authenticate:", StringComparison.Ordinal) ? sample : "authenticate: token\n" + sample;
        var indented = string.Concat(policies.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => "      " + line + "\n"));
        return """
            listeners: { public: { address: "127.0.0.1:8080" } }
            clusters: { orders: { destinations: ["http://127.0.0.1:9001"] } }
            identity: { issuer: "https://api.example.com" }
            routes:
              orders:
                match: { path: "/orders/{id}/{**rest}" }
                cluster: orders
                policies:

            """ + indented;
    }

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex Sample();
}
