using System.Text.Json.Serialization;

namespace Portcullis.Trust.Keys;

/// <summary>The body of the ring file, version 1. Member names and meanings are frozen by test.</summary>
internal sealed record KeyRingDocument
{
    public required long Wraps { get; init; }

    public required IReadOnlyList<KeyDocument> Keys { get; init; }

    internal sealed record KeyDocument
    {
        public required string Id { get; init; }

        public required string Purpose { get; init; }

        public required string Algorithm { get; init; }

        public required int Bits { get; init; }

        public required string State { get; init; }

        public required DateTimeOffset Created { get; init; }

        public required DateTimeOffset Activates { get; init; }

        public DateTimeOffset? Retired { get; init; }

        public DateTimeOffset? Destroys { get; init; }

        public long Reserved { get; init; }

        public byte[]? PublicKey { get; init; }

        public byte[]? Sealed { get; init; }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(KeyRingDocument))]
internal sealed partial class KeyRingJson : JsonSerializerContext;
