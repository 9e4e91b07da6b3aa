namespace Portcullis.Trust.Sealing;

/// <summary>A sealed value and its place.</summary>
/// <param name="Position">Where it stands in the order of its store, such as the row's key.</param>
/// <param name="Context">The context that it was sealed with.</param>
/// <param name="Envelope">The sealed bytes as they were read.</param>
public sealed record SealedValue(string Position, SealingContext Context, ReadOnlyMemory<byte> Envelope);
