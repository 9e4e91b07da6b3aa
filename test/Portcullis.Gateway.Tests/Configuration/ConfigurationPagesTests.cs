using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Configuration.Binding;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Identity.Clients;
using Portcullis.Gateway.Policies;
using Portcullis.Gateway.Policies.Authenticate;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Tests.Configuration;

/// <summary>The pages about sections of the file: what they show loads, what they list is all there is, and their defaults are the code's.</summary>
public sealed partial class ConfigurationPagesTests : IDisposable
{
    private static readonly Dictionary<string, string> Base = new(StringComparer.Ordinal)
    {
        ["listeners"] = "listeners: { public: { address: \"127.0.0.1:8080\" } }\n",
        ["clusters"] = "clusters: { orders: { destinations: [\"http://127.0.0.1:9001\"] } }\n",
        ["routes"] = "routes: { orders: { match: { path: /orders }, cluster: orders, policies: { authenticate: none } } }\n",
    };

    private readonly TemporaryDirectory directory = new();

    public static TheoryData<string, Type> Sections => new()
    {
        { "listeners", typeof(ListenerOptions) },
        { "identity", typeof(IdentityOptions) },
        { "keys", typeof(KeyOptions) },
        { "telemetry", typeof(TelemetryOptions) },
        { "storage", typeof(StorageOptions) },
        { "waf-rules", typeof(WafOptions) },
        { "admin", typeof(AdminOptions) },
    };

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData("listeners")]
    [InlineData("identity")]
    [InlineData("keys")]
    [InlineData("telemetry")]
    [InlineData("storage")]
    [InlineData("waf-rules")]
    [InlineData("admin")]
    [InlineData("clusters")]
    [InlineData("routing")]
    [InlineData("roles")]
    public void Every_sample_loads(string page)
    {
        foreach (var file in new[] { "chain.pem", "key.pem", "other.pem", "other.key", "partners-ca.pem" }) directory.Write("tls/" + file, "in the sample only");
        var samples = Sample().Matches(Page(page)).Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(samples);

        foreach (var sample in samples)
        {
            var text = string.Concat(Base.Where(section => !sample.StartsWith(section.Key + ":", StringComparison.Ordinal)).Select(section => section.Value)) + sample;
            var result = new ConfigurationLoader(PolicyKinds.All, new Dictionary<string, string>(StringComparer.Ordinal) { ["OTLP_HEADERS"] = "a=b", ["PG_PASSWORD"] = "a" })
                .Load(Encoding.UTF8.GetBytes(text), "sample.yaml", directory.Path);
            Assert.True(result.Options is not null, text + Load.Report(result));
        }
    }

    [Theory]
    [MemberData(nameof(Sections))]
    public void Every_key_stands_on_the_page_with_its_default(string page, Type options)
    {
        var rows = Row().Matches(Page(page)).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value, StringComparer.Ordinal);
        foreach (var (path, property) in Keys(Shape.Of(options), string.Empty).Where(key => page != "admin" || !key.Path.StartsWith("tls", StringComparison.Ordinal)))
        {
            Assert.True(rows.Remove(path, out var stated), $"{page}.md does not tell of {path}");
            var expected = Default(property);
            if (expected is null) Assert.False(stated!.StartsWith('`'), $"{path} has no default in the code");
            else Assert.Equal($"{path}: {expected}", $"{path}: {stated}");
        }

        Assert.True(rows.Count == 0, $"{page}.md tells of keys that are none: {string.Join(", ", rows.Keys)}");
    }

    [Fact]
    public void What_no_key_changes_is_told_as_it_is()
    {
        var page = Page("identity");
        Assert.Contains($"**{AttemptLimit.PerSecond} requests a second with bursts of {AttemptLimit.Burst} from one address that prove nothing**", page, StringComparison.Ordinal);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"**{ClientLimit.PerSecond:N0} requests a second**"), page, StringComparison.Ordinal);
        Assert.Contains("at most every ten seconds, and hourly while in use", page, StringComparison.Ordinal);
        Assert.Contains("not asked for again for five minutes", page, StringComparison.Ordinal);
        Assert.Equal((10d, 1d, 5d), (RemoteKeys.MinimumInterval.TotalSeconds, RemoteKeys.MaximumAge.TotalHours, RemoteKeys.UnknownFor.TotalMinutes));
        Assert.Contains($"{JsonWebKeySet.MaximumSize / 1024} KiB, {JsonWebKeySet.MaximumKeys} keys and five seconds bound a fetch", page, StringComparison.Ordinal);
    }

    // Null where there is none: the page then says in words what happens.
    private static string? Default(OptionProperty property)
    {
        if (property.IsRequired) return "required";
        return (property.Default, property.Shape) switch
        {
            (null, _) => null,
            (System.Collections.IEnumerable list, ListShape { Item: ScalarShape item }) => list.Cast<object>().Select(item.Format).ToList() is { Count: > 0 } items ? $"`{string.Join(", ", items)}`" : null,
            ({ } value, ScalarShape scalar) => $"`{scalar.Format(value)}`",
            _ => null,
        };
    }

    private static IEnumerable<(string Path, OptionProperty Property)> Keys(Shape shape, string prefix)
    {
        foreach (var property in ((RecordShape)shape).Properties)
        {
            var inner = property.Shape is ListShape list ? list.Item : property.Shape;
            if (inner is not RecordShape)
            {
                yield return (prefix + property.Name, property);
                continue;
            }

            foreach (var key in Keys(inner, prefix + property.Name + ".")) yield return key;
        }
    }

    private static string Page(string name) => File.ReadAllText(Path.Combine(Repository.Root, "docs", "configuration", name + ".md"));

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex Sample();

    [GeneratedRegex("^\\| `([^`]+)` \\| ([^|]+) \\| [^|]+ \\|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
