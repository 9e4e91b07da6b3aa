using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NJsonSchema;
using NJsonSchema.Validation;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Configuration.Yaml;
using Portcullis.Gateway.Policies;

namespace Portcullis.Gateway.Tests.Configuration;

/// <summary>What an editor with the schema thinks of configurations, by a validator of others: good ones pass, and mistakes that a schema can see are seen.</summary>
public sealed partial class SchemaValidationTests
{
    // The validator knows drafts before 2019-09, which call $defs so.
    private static readonly Task<JsonSchema> Schema = JsonSchema.FromJsonAsync(ConfigurationSchema.ToJson(PolicyKinds.All).Replace("$defs", "definitions", StringComparison.Ordinal));

    public static TheoryData<string, string> Documents
    {
        get
        {
            var documents = new TheoryData<string, string>
            {
                { "minimal", Load.Minimal },
                { "starter", Literal(Read("src", "Portcullis", "Commands", "StarterConfiguration.cs")) },
                { "kubernetes", Read("deploy", "kubernetes", "portcullis.yaml") },
            };
            foreach (var page in new[] { "README.md", "docs/configuration/clusters.md", "docs/configuration/routing.md", "docs/configuration/listeners.md", "docs/configuration/identity.md", "docs/configuration/keys.md", "docs/configuration/telemetry.md", "docs/configuration/admin.md" })
            {
                foreach (var (index, match) in Sample().Matches(Read(page.Split('/'))).Index()) documents.Add($"{page} {index}", match.Groups[1].Value);
            }

            foreach (var kind in PolicyKinds.All)
            {
                foreach (var (index, match) in Sample().Matches(Read("docs", "configuration", kind.Name + ".md")).Index())
                    documents.Add($"{kind.Name} {index}", "routes:\n  orders:\n    match: { path: /orders }\n    policies:\n" + string.Concat(match.Groups[1].Value.Split('\n').Select(line => $"      {line}\n")));
            }

            return documents;
        }
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task A_good_configuration_passes(string name, string yaml)
        => Assert.True(await ErrorsAsync(yaml) is [], $"{name}: {string.Join(", ", await ErrorsAsync(yaml))}");

    [Fact]
    public async Task Of_ten_mistakes_an_editor_sees_those_that_are_of_form()
    {
        string[] seen =
        [
            "listeners.public.adress", "listeners.public.limits.headerCount", "listeners.public.limits.headerTimeout", "clusters.orders.balance", "clusters.orders.retries",
            "routes.orders.policies.autenticate", "alerts",
        ];

        // A key that is written twice is the reader's to refuse; here its first value counts.
        var errors = await ErrorsAsync(File.ReadAllText(Configuration.Sample.Path("TenMistakes.yaml")));
        Assert.All(seen, path => Assert.Contains(errors, error => error.Contains(path.Split('.')[^1], StringComparison.Ordinal)));
    }

    // One for each kind of value: what the loader takes the schema takes, and what the one refuses by form so does the other.
    [Theory]
    [InlineData("shutdownTimeout: 5s", true)]
    [InlineData("shutdownTimeout: 5 seconds", false)]
    [InlineData("shutdownTimeout: \"${env:V}\"", true)]
    [InlineData("telemetry: { maskAddresses: true }", true)]
    [InlineData("telemetry: { maskAddresses: yes }", false)]
    [InlineData("telemetry: { logLevel: warning }", true)]
    [InlineData("telemetry: { logLevel: loud }", false)]
    [InlineData("telemetry: { otlp: \"http://127.0.0.1:4317\" }", true)]
    [InlineData("telemetry: { otlp: { endpoint: \"http://127.0.0.1:4317\", sampleRatio: 0.5 } }", true)]
    [InlineData("telemetry: { otlp: { endpoint: \"http://127.0.0.1:4317\", sampleRatio: 2 } }", false)]
    [InlineData("telemetry: { otlp: { sampleRatio: 0.5 } }", false)]
    [InlineData("admin: { allow: 127.0.0.0/8 }", true)]
    [InlineData("admin: { allow: [127.0.0.0/8] }", true)]
    [InlineData("admin: { alow: [127.0.0.0/8] }", false)]
    public async Task The_schema_takes_what_the_loader_takes(string keys, bool isGood)
    {
        var yaml = Load.Minimal + keys + "\n";

        Assert.Equal(isGood, Load.Text(yaml, ("V", "5s")).Options is not null);
        Assert.Equal(isGood, await ErrorsAsync(yaml) is []);
    }

    private static async Task<IReadOnlyList<string>> ErrorsAsync(string yaml)
    {
        Assert.True(YamlComposer.TryCompose(yaml, out var root, out var defect), defect?.ToString());
        return [.. (await Schema).Validate(Json(root!)!.ToJsonString()).SelectMany(Leaves)];
    }

    private static IEnumerable<string> Leaves(ValidationError error)
        => error is ChildSchemaValidationError { Errors: var children } && children.Any()
            ? children.Values.SelectMany(errors => errors.SelectMany(Leaves)).Append($"{error.Path}: {error.Kind}")
            : [$"{error.Path}: {error.Kind}"];

    // As YAML 1.2's core schema reads it, which editors go by.
    private static JsonNode? Json(YamlNode node) => node switch
    {
        YamlMapping mapping => new JsonObject(mapping.Entries.DistinctBy(entry => entry.Key.Text).Select(entry => KeyValuePair.Create(entry.Key.Text, Json(entry.Value)))),
        YamlSequence sequence => new JsonArray([.. sequence.Items.Select(Json)]),
        YamlScalar { IsNull: true } => null,
        YamlScalar scalar when scalar.IsPlain && Plain().IsMatch(scalar.Text) => JsonNode.Parse(scalar.Text),
        YamlScalar scalar => JsonValue.Create(scalar.Text),
        _ => throw new InvalidOperationException(),
    };

    private static string Read(params string[] parts) => File.ReadAllText(Path.Combine([Repository.Root, .. parts]));

    private static string Literal(string source)
    {
        var start = source.IndexOf("\"\"\"", StringComparison.Ordinal) + 4;
        return string.Concat(source[start..source.IndexOf("\"\"\"u8", StringComparison.Ordinal)].Split('\n').Select(line => line.Length > 8 ? line[8..] + "\n" : "\n"));
    }

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex Sample();

    [GeneratedRegex(@"\A(true|false|-?(0|[1-9][0-9]*)(\.[0-9]+)?)\z", RegexOptions.NonBacktracking)]
    private static partial Regex Plain();
}
