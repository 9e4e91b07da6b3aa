namespace Portcullis.Waf.Literals;

/// <summary>Collects the words of all owners and builds their automaton.</summary>
internal sealed class LiteralAutomatonBuilder
{
    /// <summary>Bytes for full rows of transitions: what a core's own cache holds.</summary>
    private const int DenseBytes = 512 * 1024;

    /// <summary>States that a full row may lead to: 15 bits.</summary>
    private const int MaxDenseTarget = 32_768;

    private readonly List<(int Parent, byte Label)> nodes = [(0, 0)];
    private readonly Dictionary<long, int> children = [];
    private readonly Dictionary<int, List<int>> ends = [];

    /// <summary>Adds a word, which must not be empty. Of one longer than 65,535 bytes only those count.</summary>
    public void Add(int owner, ReadOnlySpan<byte> word)
    {
        if (word.IsEmpty) throw new ArgumentException("A word is empty.", nameof(word));
        var node = 0;
        foreach (var one in word[..Math.Min(word.Length, ushort.MaxValue)])
        {
            var label = LowerCase.Of(one);
            var key = ((long)node << 8) | label;
            if (!children.TryGetValue(key, out var child))
            {
                child = nodes.Count;
                nodes.Add((node, label));
                children.Add(key, child);
            }

            node = child;
        }

        if (!ends.TryGetValue(node, out var list)) ends.Add(node, list = []);
        if (!list.Contains(owner)) list.Add(owner);
    }

    public LiteralAutomaton Build()
    {
        var (columns, columnCount) = Columns();
        var numbers = Number(columns, out var order, out var firstChild);
        var states = new LiteralAutomaton.State[nodes.Count];
        List<int> owners = [0];
        var rowShift = System.Numerics.BitOperations.Log2((uint)columnCount - 1) + 1;
        var denseCount = Math.Clamp(DenseBytes / sizeof(ushort) >> rowShift, 1, nodes.Count);
        while (denseCount > 1 && firstChild[denseCount] > MaxDenseTarget)
        {
            denseCount--;
        }

        var dense = new ushort[denseCount << rowShift];
        var reachedBy = Array.ConvertAll(order, node => columns[nodes[node].Label]);
        var transitions = new Transitions(rowShift, states, reachedBy, dense);
        for (var state = 0; state < order.Length; state++)
        {
            var node = order[state];
            var (parent, label) = nodes[node];
            var parentState = numbers[parent];

            // A parent and its suffixes are numbered before their children: their transitions stand.
            var fail = state == 0 || parentState == 0 ? 0 : transitions.Next(states[parentState].Fail, columns[label]);
            var depth = state == 0 ? 0 : states[parentState].Depth + 1;
            var own = ends.TryGetValue(node, out var list) ? AddRun(owners, list) : 0;
            var inherited = states[fail].Ends;
            var all = own == 0 ? inherited : inherited == 0 ? own : AddRun(owners, list!, owners.GetRange(inherited + 1, owners[inherited]));
            var map = 0UL;
            for (var child = firstChild[state]; child < firstChild[state + 1]; child++)
            {
                map |= 1UL << reachedBy[child];
            }

            var childCount = (byte)(firstChild[state + 1] - firstChild[state]);
            states[state] = new LiteralAutomaton.State(map, firstChild[state], fail, all, own, (ushort)depth, childCount);
            if (state < denseCount) transitions.Fill(state);
        }

        // Words end in a state or not: known now for all.
        foreach (ref var entry in dense.AsSpan())
        {
            entry = (ushort)((entry << 1) | (states[entry].Ends != 0 ? 1 : 0));
        }

        var classOf = new byte[256];
        for (var value = 0; value < 256; value++)
        {
            classOf[value] = columns[LowerCase.Of((byte)value)];
        }

        return new LiteralAutomaton(classOf, rowShift, dense, states, reachedBy, [.. owners]);
    }

    private static int AddRun(List<int> owners, List<int> first, List<int>? more = null)
    {
        List<int> run = more is null ? first : [.. first.Union(more)];
        var at = owners.Count;
        owners.Add(run.Count);
        owners.AddRange(run);
        return at;
    }

    /// <summary>
    /// The column of each byte, frequent ones first. Those that are in no word share column 0; upper-case letters have none, so there is room for all others.
    /// </summary>
    private (byte[] Columns, int Count) Columns()
    {
        var columns = new byte[256];
        var isUsed = new bool[256];
        for (var i = 1; i < nodes.Count; i++)
        {
            isUsed[nodes[i].Label] = true;
        }

        var count = 1;
        foreach (var label in Enumerable.Range(0, 256).Where(label => isUsed[label]).OrderByDescending(static label => Bytes.ByteFrequencies.Of((byte)label)))
        {
            columns[label] = (byte)count++;
        }

        return (columns, Math.Max(count, 2));
    }

    /// <summary>
    /// Numbers the nodes by depth, children of one parent in a row by column. <paramref name="firstChild"/> has one entry more than there are states.
    /// </summary>
    private int[] Number(byte[] columns, out int[] order, out int[] firstChild)
    {
        var count = nodes.Count;
        var childCount = new int[count + 1];
        for (var i = 1; i < count; i++)
        {
            childCount[nodes[i].Parent + 1]++;
        }

        for (var i = 1; i <= count; i++)
        {
            childCount[i] += childCount[i - 1];
        }

        var byParent = new int[count];
        var filled = childCount.AsSpan(0, count).ToArray();
        for (var i = 1; i < count; i++)
        {
            byParent[filled[nodes[i].Parent]++] = i;
        }

        order = new int[count];
        firstChild = new int[count + 1];
        var numbers = new int[count];
        var next = 1;
        for (var state = 0; state < count; state++)
        {
            var node = order[state];
            firstChild[state] = next;
            var siblings = byParent.AsSpan(childCount[node], childCount[node + 1] - childCount[node]);
            siblings.Sort((left, right) => columns[nodes[left].Label].CompareTo(columns[nodes[right].Label]));
            foreach (var child in siblings)
            {
                numbers[child] = next;
                order[next++] = child;
            }
        }

        firstChild[count] = count;
        return numbers;
    }

    /// <summary>The transitions of the states that are made so far.</summary>
    private sealed class Transitions(int rowShift, LiteralAutomaton.State[] states, byte[] reachedBy, ushort[] dense)
    {
        private readonly int denseCount = dense.Length >> rowShift;
        private int filled;

        public int Next(int state, int column)
        {
            while (true)
            {
                if (state < filled) return dense[(state << rowShift) | column];
                var here = states[state];
                var child = reachedBy.AsSpan(here.FirstChild, here.ChildCount).IndexOf((byte)column);
                if (child >= 0) return here.FirstChild + child;
                if (state == 0) return 0;
                state = states[state].Fail;
            }
        }

        public void Fill(int state)
        {
            for (var column = 0; column < 1 << rowShift; column++)
            {
                dense[(state << rowShift) | column] = (ushort)Next(state, column);
            }

            filled = Math.Min(state + 1, denseCount);
        }
    }
}
