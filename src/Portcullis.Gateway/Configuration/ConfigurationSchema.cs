using System.Collections;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portcullis.Gateway.Configuration.Binding;
using Portcullis.Gateway.Policies;

namespace Portcullis.Gateway.Configuration;

/// <summary>
/// The configuration file as a JSON Schema (draft 2020-12), made from the same records that the loader binds to. For editors;
/// the loader itself checks more than a schema can say.
/// </summary>
public sealed class ConfigurationSchema
{
    private const string Placeholder = "placeholder";

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly IReadOnlyList<PolicyKind> kinds;
    private readonly SortedDictionary<string, JsonObject> definitions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Type> defined = new(StringComparer.Ordinal);

    private ConfigurationSchema(IReadOnlyList<PolicyKind> kinds) => this.kinds = kinds;

    /// <summary>The schema as indented JSON, with a line break at the end.</summary>
    /// <param name="kinds">The policies that routes may have.</param>
    public static string ToJson(IReadOnlyList<PolicyKind> kinds) => new ConfigurationSchema(kinds).Write();

    private string Write()
    {
        var root = Describe(Shape.Of(typeof(GatewayOptions)), null);
        definitions[Placeholder] = new JsonObject
        {
            ["type"] = "string",
            ["pattern"] = @"\$\{(env|file):[^}]+\}",
            ["description"] = "${env:NAME} or ${file:PATH}",
        };
        var all = new JsonObject();
        foreach (var (name, definition) in definitions) all[name] = definition;

        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = "urn:portcullis:configuration",
            ["title"] = "Portcullis configuration",
            ["$ref"] = root["$ref"]!.DeepClone(),
            ["$defs"] = all,
        };
        return schema.ToJsonString(Format) + "\n";
    }

    private JsonObject Describe(Shape shape, Bounds? bounds) => shape switch
    {
        ScalarShape scalar => DescribeScalar(scalar, bounds),
        ListShape list => DescribeList(list, bounds),
        MapShape map => new JsonObject
        {
            ["type"] = "object",
            ["propertyNames"] = new JsonObject { ["pattern"] = "^[A-Za-z0-9._-]{1,64}$" },
            ["additionalProperties"] = Describe(map.Value, null),
        },
        RecordShape record => Reference(record),
        PoliciesShape => DescribePolicies(),
        _ => throw new NotSupportedException(shape.GetType().Name),
    };

    private static JsonObject DescribeScalar(ScalarShape shape, Bounds? bounds)
    {
        if (shape.Names is { } names)
        {
            var values = new JsonArray();
            foreach (var name in names)
            {
                values.Add(name);
                // 1.3 without quotes is a number to an editor; the loader takes both.
                if (double.TryParse(name, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) values.Add(number);
            }

            return OrPlaceholder(new JsonObject { ["enum"] = values });
        }

        if (shape.JsonType == "string" && shape.Pattern is null) return new JsonObject { ["type"] = "string" };
        var schema = new JsonObject { ["type"] = shape.JsonType };
        if (shape.Pattern is not null) schema["pattern"] = shape.Pattern;
        if (shape.JsonType is "integer" or "number" && bounds is not null)
        {
            schema["minimum"] = JsonNode.Parse(bounds.MinimumText);
            schema["maximum"] = JsonNode.Parse(bounds.MaximumText);
        }

        if (shape.MayBeNumber) schema["type"] = new JsonArray("string", "integer");
        return OrPlaceholder(schema);
    }

    private JsonObject DescribeList(ListShape shape, Bounds? bounds)
    {
        var item = Describe(shape.Item, bounds);
        return new JsonObject
        {
            ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "array", ["items"] = item }, item.DeepClone()),
        };
    }

    private JsonObject DescribePolicies()
    {
        var properties = new JsonObject();
        foreach (var kind in kinds)
        {
            var schema = new JsonObject { ["description"] = kind.Description };
            Merge(schema, Describe(Shape.Of(kind.OptionsType), null));
            properties[kind.Name] = schema;
        }

        return new JsonObject { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
    }

    private JsonObject Reference(RecordShape shape)
    {
        var name = shape.Type.Name;
        if (defined.TryAdd(name, shape.Type)) definitions[name] = DescribeRecord(shape);
        else if (defined[name] != shape.Type) throw new InvalidOperationException($"two option types are called {name}");
        return new JsonObject { ["$ref"] = "#/$defs/" + name };
    }

    private JsonObject DescribeRecord(RecordShape shape)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var property in shape.Properties)
        {
            var schema = new JsonObject();
            if (property.Description is { } description) schema["description"] = description;
            Merge(schema, Describe(property.Shape, property.Bounds));
            if (!property.IsRequired && Default(property.Default, property.Shape) is { } value) schema["default"] = value;
            properties[property.Name] = schema;
            if (property.IsRequired) required.Add(property.Name);
        }

        var record = new JsonObject { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
        if (required.Count > 0) record["required"] = required;
        return shape.Shorthand is { } shorthand
            ? new JsonObject { ["anyOf"] = new JsonArray(record, Describe(shorthand.Shape, shorthand.Bounds)) }
            : record;
    }

    private static JsonNode? Default(object? value, Shape shape) => (value, shape) switch
    {
        (null, _) => null,
        (_, ScalarShape { IsSecret: true }) => null,
        (_, ScalarShape { JsonType: not "string" } scalar) => JsonNode.Parse(scalar.Format(value)),
        (_, ScalarShape scalar) => JsonValue.Create(scalar.Format(value)),
        (IEnumerable items, ListShape { Item: ScalarShape item }) => new JsonArray([.. items.Cast<object>().Select(entry => Default(entry, item))]),
        _ => null,
    };

    private static JsonObject OrPlaceholder(JsonObject schema) => new() { ["anyOf"] = new JsonArray(schema, new JsonObject { ["$ref"] = "#/$defs/" + Placeholder }) };

    private static void Merge(JsonObject target, JsonObject source)
    {
        foreach (var (key, value) in source) target[key] = value?.DeepClone();
    }
}
