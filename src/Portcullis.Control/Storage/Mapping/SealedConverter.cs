using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Portcullis.Control.Storage.Mapping;

/// <summary>The octets of a sealed value, as they are.</summary>
internal sealed class SealedConverter() : ValueConverter<Sealed, byte[]>(value => value.ToArray(), envelope => Sealed.FromEnvelope(envelope));
