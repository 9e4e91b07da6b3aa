using System.Text.Json;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Configuration.Binding;
using Portcullis.Gateway.Policies;

namespace Portcullis.Gateway.Tests.Configuration;

public partial class ConfigurationSchemaTests
{
    [Fact]
    public void The_committed_schema_is_the_generated_one()
    {
        var file = Path.Combine(Repository.Root, "docs", "portcullis.schema.json");

        Assert.True(ConfigurationSchema.ToJson(PolicyKinds.All) == File.ReadAllText(file), "the options changed: run `portcullis schema > docs/portcullis.schema.json`");
    }

    [Fact]
    public void Every_reference_leads_to_a_definition()
    {
        using var schema = JsonDocument.Parse(ConfigurationSchema.ToJson(PolicyKinds.All));
        var definitions = schema.RootElement.GetProperty("$defs");

        foreach (var reference in References(schema.RootElement)) Assert.True(definitions.TryGetProperty(reference["#/$defs/".Length..], out _), reference);
    }

    [Fact]
    public void Every_key_is_described_and_every_default_within_its_bounds()
    {
        foreach (var (record, property) in Properties())
        {
            var name = $"{record.Type.Name}.{property.Name}";
            Assert.False(string.IsNullOrWhiteSpace(property.Description), name + " has no description");
            if (property is { Bounds: { } bounds, Default: { } value } && !property.IsRequired && property.Shape is ScalarShape)
                Assert.True(bounds.Hold(value), name + " has a default out of its bounds");
        }
    }

    // In the descriptions, which the schema has, and on the pages of the policies, which say the same in their own words.
    [Fact]
    public void Every_default_that_is_stated_is_the_codes()
    {
        var stated = 0;
        foreach (var (record, property) in Properties())
        {
            if (property is not { Default: { } value, Shape: ScalarShape scalar, IsRequired: false } || scalar == ScalarShape.FilePath) continue;
            var expected = scalar.Format(value);
            foreach (var text in Texts(record, property))
            {
                if (Stated().Match(text) is not { Success: true } match) continue;
                stated++;
                Assert.True(scalar.TryParse(match.Groups[1].Value, out var meant, out _) && meant.Equals(value), $"{record.Type.Name}.{property.Name} is {expected} by default, and not: {text}");
            }
        }

        Assert.InRange(stated, 40, 1000);
    }

    private static IEnumerable<string> Texts(RecordShape record, OptionProperty property)
    {
        yield return property.Description!;
        var kind = PolicyKinds.All.FirstOrDefault(kind => kind.OptionsType.Namespace == record.Type.Namespace);
        if (kind is null) yield break;
        foreach (var line in File.ReadLines(Path.Combine(Repository.Root, "docs", "configuration", kind.Name + ".md")))
        {
            if (line.StartsWith($"| `{property.Name}` |", StringComparison.Ordinal)) yield return line;
        }
    }

    [System.Text.RegularExpressions.GeneratedRegex("Default: `?([^|`; ,]+)")]
    private static partial System.Text.RegularExpressions.Regex Stated();

    [Fact]
    public void Sizes_and_rates_are_written_with_units()
    {
        foreach (var (record, property) in Properties().Where(pair => pair.Property.Shape is ScalarShape { Type: var type } && type == typeof(long)))
        {
            var name = $"{record.Type.Name}.{property.Name}";
            Assert.True(!property.Name.EndsWith("Bytes", StringComparison.Ordinal) || property.Shape == ScalarShape.ByteSize, name);
            Assert.True(!property.Name.EndsWith("Rate", StringComparison.Ordinal) || property.Shape == ScalarShape.ByteRate, name);
        }
    }

    [Fact]
    public void Every_policy_kind_is_in_the_schema_with_its_description()
    {
        using var schema = JsonDocument.Parse(ConfigurationSchema.ToJson(PolicyKinds.All));
        var policies = schema.RootElement.GetProperty("$defs").GetProperty(nameof(RouteOptions)).GetProperty("properties").GetProperty("policies").GetProperty("properties");

        foreach (var kind in PolicyKinds.All) Assert.Equal(kind.Description, policies.GetProperty(kind.Name).GetProperty("description").GetString());
    }

    private static IEnumerable<(RecordShape Record, OptionProperty Property)> Properties()
    {
        var seen = new HashSet<Shape>();
        var queue = new Queue<Shape>([Shape.Of(typeof(GatewayOptions)), .. PolicyKinds.All.Select(kind => Shape.Of(kind.OptionsType))]);
        while (queue.TryDequeue(out var shape))
        {
            if (!seen.Add(shape)) continue;
            if (shape is ListShape list) queue.Enqueue(list.Item);
            if (shape is MapShape map) queue.Enqueue(map.Value);
            if (shape is not RecordShape record) continue;
            foreach (var property in record.Properties)
            {
                queue.Enqueue(property.Shape);
                yield return (record, property);
            }
        }
    }

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => property.NameEquals("$ref") && property.Value.ValueKind == JsonValueKind.String ? [property.Value.GetString()!] : References(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };
}
