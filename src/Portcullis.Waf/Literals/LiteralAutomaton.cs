using System.Runtime.CompilerServices;

namespace Portcullis.Waf.Literals;

/// <summary>
/// Finds in one pass which owners (patterns, word lists) have a word in a value, in whatever ASCII case: the automaton of A. Aho and M. Corasick. States are
/// numbered by depth, so the children of a state stand side by side. The first ones, where ordinary values stay, have a full row of transitions; the others
/// have a list of children behind a bitmap, and go to the longest suffix state where a child is missing. Immutable.
/// </summary>
internal sealed class LiteralAutomaton
{
    private readonly byte[] classOf;
    private readonly int rowShift;
    private readonly int denseCount;

    /// <summary>
    /// Rows of the first states: the next state, doubled, and 1 if words end there. Frequent bytes come first, so that what is read of a row is a cache line.
    /// </summary>
    private readonly ushort[] dense;

    private readonly State[] states;

    /// <summary>The column by which each state is reached from its parent.</summary>
    private readonly byte[] columns;

    /// <summary>Owners, in runs that begin with their number.</summary>
    private readonly int[] owners;

    internal LiteralAutomaton(byte[] classOf, int rowShift, ushort[] dense, State[] states, byte[] columns, int[] owners)
    {
        this.classOf = classOf;
        this.rowShift = rowShift;
        this.dense = dense;
        this.states = states;
        this.columns = columns;
        this.owners = owners;
        denseCount = dense.Length >> rowShift;
    }

    public int StateCount => states.Length;

    /// <summary>About the memory in use.</summary>
    public long Bytes => (dense.Length * 2L) + (states.Length * (Unsafe.SizeOf<State>() + 1L)) + (owners.Length * 4L) + 256;

    /// <summary>Sets the bit of each owner of which a word occurs in <paramref name="value"/>; clears none.</summary>
    public void Scan(ReadOnlySpan<byte> value, Span<ulong> hits)
    {
        var rows = dense;
        var classes = classOf;
        var limit = denseCount;
        var shift = rowShift;
        var state = 0;
        foreach (var one in value)
        {
            int column = classes[one];
            if (state < limit)
            {
                int next = rows[(state << shift) | column];
                state = next >> 1;
                if ((next & 1) != 0) Report(states[state].Ends, hits);
            }
            else
            {
                state = Follow(state, column);
                var ends = states[state].Ends;
                if (ends != 0) Report(ends, hits);
            }
        }
    }

    /// <summary>The word of <paramref name="owner"/> that ends first in <paramref name="value"/>, of several the longest; length 0 if there is none.</summary>
    public (int Offset, int Length) FindFirst(ReadOnlySpan<byte> value, int owner)
    {
        var state = 0;
        for (var i = 0; i < value.Length; i++)
        {
            state = Follow(state, classOf[value[i]]);
            if (states[state].Ends == 0) continue;
            for (var suffix = state; suffix != 0; suffix = states[suffix].Fail)
            {
                var length = (int)states[suffix].Depth;
                if (RunAt(states[suffix].OwnEnds).Contains(owner)) return (i + 1 - length, length);
            }
        }

        return (0, 0);
    }

    private int Follow(int state, int column)
    {
        while (state >= denseCount)
        {
            ref readonly var here = ref states[state];
            if ((here.Children >> column & 1) != 0)
            {
                var child = columns.AsSpan(here.FirstChild, here.ChildCount).IndexOf((byte)column);
                if (child >= 0) return here.FirstChild + child;
            }

            state = here.Fail;
        }

        return dense[(state << rowShift) | column] >> 1;
    }

    private void Report(int ends, Span<ulong> hits)
    {
        foreach (var owner in RunAt(ends))
        {
            hits[owner >> 6] |= 1UL << owner;
        }
    }

    private ReadOnlySpan<int> RunAt(int at) => owners.AsSpan(at + 1, owners[at]);

    /// <summary>One state.</summary>
    /// <param name="Children">The columns for which there may be a child, modulo 64.</param>
    /// <param name="FirstChild">Its first child; the others follow.</param>
    /// <param name="Fail">The state of the longest proper suffix.</param>
    /// <param name="Ends">The owners of words that end here; 0 if there are none.</param>
    /// <param name="OwnEnds">Those of words that are as long as the state is deep.</param>
    /// <param name="Depth">Bytes from the root.</param>
    /// <param name="ChildCount">How many children it has.</param>
    internal readonly record struct State(ulong Children, int FirstChild, int Fail, int Ends, int OwnEnds, ushort Depth, byte ChildCount);
}
