namespace Portcullis.Trust.Sealing;

/// <summary>Sealed values that somebody keeps, such as a column of a table, as the <see cref="Resealer"/> walks them.</summary>
public interface ISealedStore
{
    /// <summary>For people: the table and column, or the file.</summary>
    string Name { get; }

    /// <summary>
    /// The next values that do not begin with <paramref name="prefix"/>, in the store's own fixed order, behind the position
    /// <paramref name="after"/> (null: from the start). At most <paramref name="count"/>; none: there are no more.
    /// </summary>
    ValueTask<IReadOnlyList<SealedValue>> ReadStaleAsync(ReadOnlyMemory<byte> prefix, string? after, int count, CancellationToken cancellationToken);

    /// <summary>
    /// Puts <paramref name="resealed"/> in the place of the value, only if that still holds the very bytes that were read. False otherwise: somebody
    /// has written or removed it meanwhile, and that counts.
    /// </summary>
    ValueTask<bool> TryReplaceAsync(SealedValue value, ReadOnlyMemory<byte> resealed, CancellationToken cancellationToken);
}
