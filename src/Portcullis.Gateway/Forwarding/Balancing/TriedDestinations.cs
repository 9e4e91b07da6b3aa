using System.Runtime.CompilerServices;

namespace Portcullis.Gateway.Forwarding.Balancing;

/// <summary>The destinations that a request has already been tried at; at most one more than the most retries there can be.</summary>
internal struct TriedDestinations
{
    private const int Most = 11;

    private Slots slots;

    public int Count { get; private set; }

    /// <summary>Notes a try. Beyond the cap it is forgotten: then a destination may be asked again.</summary>
    public void Add(Destination destination)
    {
        if (Count < Most) slots[Count++] = destination;
    }

    public readonly bool Contains(Destination destination)
    {
        for (var i = 0; i < Count; i++)
        {
            if (ReferenceEquals(slots[i], destination)) return true;
        }

        return false;
    }

    [InlineArray(Most)]
    private struct Slots
    {
        private Destination first;
    }
}
