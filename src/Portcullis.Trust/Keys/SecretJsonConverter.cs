using System.Text.Json;
using System.Text.Json.Serialization;

namespace Portcullis.Trust.Keys;

/// <summary>Writes every secret as <c>[redacted]</c>. Reading is refused: a redacted document must not become a configuration.</summary>
internal sealed class SecretJsonConverter : JsonConverter<Secret>
{
    public override Secret Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new JsonException("A secret is never read from JSON.");

    public override void Write(Utf8JsonWriter writer, Secret value, JsonSerializerOptions options) => writer.WriteStringValue(Secret.Redacted);
}
