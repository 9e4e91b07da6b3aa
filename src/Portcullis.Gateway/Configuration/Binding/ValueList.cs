using System.Collections;

namespace Portcullis.Gateway.Configuration.Binding;

/// <summary>
/// A list that equals another one with equal items in equal order, so that two loads of the same text give equal option records:
/// what is kept by its options, as keys of an outside issuer, then outlives a reload.
/// </summary>
internal sealed class ValueList<T>(T[] items) : IReadOnlyList<T>
{
    public int Count => items.Length;

    public T this[int index] => items[index];

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)items).GetEnumerator();

    public override bool Equals(object? obj) => obj is ValueList<T> other && items.AsSpan().SequenceEqual(other.Items);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var item in items) hash.Add(item);
        return hash.ToHashCode();
    }

    IEnumerator IEnumerable.GetEnumerator() => items.GetEnumerator();

    private ReadOnlySpan<T> Items => items;
}
