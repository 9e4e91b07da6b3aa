using System.Buffers;
using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Regexes;

/// <summary>
/// A deterministic automaton whose states are built when a value first leads to them. A state is the set of instructions that consumed the last byte
/// (Glushkov's positions), with what that byte was as far as assertions ask; so a state is small even where hundreds of alternatives may follow. Time is
/// linear in the value, memory bounded by <see cref="DfaCache.MaxBytes"/> and the budget. Readers take no lock; states are built under one.
/// </summary>
internal sealed class LazyDfa
{
    /// <summary>A table's entry: there is a match (verdicts only).</summary>
    private const int Matched = -1;

    private readonly RegexProgram program;
    private readonly DfaMode mode;
    private readonly RegexBudget budget;
    private readonly ByteClassMap classes;
    private readonly byte[] classOf;
    private readonly int stride;

    /// <summary>The offset of the state without positions: nothing can match any more.</summary>
    private readonly int dead;

    /// <summary>The pseudo-position before the first byte of a match.</summary>
    private readonly int start;

    private readonly bool startsAtEdgeOnly;

    /// <summary>Finds the next byte that can begin a match; null where such bytes are too frequent for it to pay.</summary>
    private readonly SearchValues<byte>? firstBytes;

    /// <summary>Entries up to this one are no plain transitions.</summary>
    private readonly int special;

    private readonly Lock building = new();
    private DfaCache current;
    private long taken;

    public LazyDfa(RegexProgram program, DfaMode mode, RegexBudget budget)
    {
        this.program = program;
        this.mode = mode;
        this.budget = budget;
        classes = new ByteClassMap(program);
        classOf = classes.ClassOf;

        // Columns: the classes, the end of the value, a final line feed. Even, so that the lowest bit of an offset is free.
        stride = (classes.Count + 3) & ~1;
        dead = stride;
        start = program.Code.Length;
        var first = FirstBytes(out var mayBeEmpty);
        startsAtEdgeOnly = mode != DfaMode.Reverse && first.IsEmpty && !mayBeEmpty;
        if (mode == DfaMode.Verdict && !mayBeEmpty && !startsAtEdgeOnly && ByteFrequencies.Of(first) <= MaxFrequencyToSearch)
            firstBytes = SearchValues.Create(first.ToArray());
        current = NewCache();
        special = firstBytes is null ? dead : StartOf(Surroundings.Count - 1);
    }

    /// <summary>Above this share of bytes that can begin a match, looking for the next one costs more than it saves.</summary>
    private const double MaxFrequencyToSearch = 0.12;

    private int EndColumn => classes.Count;

    private int FinalLineFeedColumn => classes.Count + 1;

    /// <summary>How many states are built, for tests and figures.</summary>
    public int StateCount => Volatile.Read(ref current).StateCount;

    /// <summary>About the memory in use, for tests and figures.</summary>
    public int Bytes => Volatile.Read(ref current).Bytes;

    /// <summary>How often the states were dropped, for tests and figures.</summary>
    public int Drops { get; private set; }

    /// <summary>Whether <paramref name="value"/> has a match.</summary>
    public bool IsMatch(ReadOnlySpan<byte> value)
    {
        var cache = Volatile.Read(ref current);
        var table = cache.Table;
        var state = StartOf((int)Canonical(Surrounding.Edge));
        var plain = PlainLength(value);
        var low = special;
        var i = 0;
        while (i < plain)
        {
            var next = table[state + classOf[value[i]]];
            if (next <= low)
            {
                if (next == DfaCache.Unknown) next = Build(ref cache, ref table, state, classOf[value[i]]);
                if (next == Matched) return true;
                if (next == dead) return false;
                if (next <= low)
                {
                    // Nothing has begun: on to the next byte that can begin a match.
                    i++;
                    var skipped = value[i..plain].IndexOfAny(firstBytes!);
                    if (skipped == 0)
                    {
                        state = next;
                        continue;
                    }

                    i = skipped < 0 ? plain : i + skipped;
                    state = StartOf((int)Canonical(Surroundings.Of(value[i - 1])));
                    continue;
                }
            }

            state = next;
            i++;
        }

        if (plain < value.Length)
        {
            state = Follow(ref cache, ref table, state, FinalLineFeedColumn);
            if (state == Matched) return true;
            if (state == dead) return false;
        }

        return Follow(ref cache, ref table, state, EndColumn) == Matched;
    }

    /// <summary>Where the leftmost match ends that backtracking would find; -1 if there is none.</summary>
    public int FindEnd(ReadOnlySpan<byte> value)
    {
        var cache = Volatile.Read(ref current);
        var table = cache.Table;
        var state = StartOf((int)Canonical(Surrounding.Edge));
        var plain = PlainLength(value);
        var end = -1;
        for (var i = 0; i < value.Length; i++)
        {
            var entry = Follow(ref cache, ref table, state, i < plain ? classOf[value[i]] : FinalLineFeedColumn);
            if ((entry & 1) != 0) end = i;
            state = entry & ~1;
            if (state == dead) return end;
        }

        return (Follow(ref cache, ref table, state, EndColumn) & 1) != 0 ? value.Length : end;
    }

    /// <summary>Where the longest match begins that ends at <paramref name="end"/>, by the reversed program; -1 if there is none.</summary>
    public int FindStart(ReadOnlySpan<byte> value, int end)
    {
        var cache = Volatile.Read(ref current);
        var table = cache.Table;
        var state = StartOf((int)Canonical(Surroundings.At(value, end)));
        var plain = PlainLength(value);
        var found = -1;
        for (var i = end - 1; i >= 0; i--)
        {
            var entry = Follow(ref cache, ref table, state, i < plain ? classOf[value[i]] : FinalLineFeedColumn);
            if ((entry & 1) != 0) found = i + 1;
            state = entry & ~1;
            if (state == dead) return found;
        }

        return (Follow(ref cache, ref table, state, EndColumn) & 1) != 0 ? 0 : found;
    }

    private int Follow(ref DfaCache cache, ref int[] table, int state, int column)
    {
        var entry = table[state + column];
        return entry != DfaCache.Unknown ? entry : Build(ref cache, ref table, state, column);
    }

    /// <summary>How many bytes go by their class: all, but for a last line feed that some assertion tells from others.</summary>
    private int PlainLength(ReadOnlySpan<byte> value)
        => program.AsksForLineFeeds && value is [.., (byte)'\n'] ? value.Length - 1 : value.Length;

    /// <summary>The states that have only the start stand behind the dead one, one for each surrounding.</summary>
    private int StartOf(int before) => dead + ((1 + before) * stride);

    /// <summary>Surroundings that no assertion of this program tells apart become one.</summary>
    private Surrounding Canonical(Surrounding one) => one switch
    {
        Surrounding.Edge when !program.AsksForEdges => Surrounding.Other,
        Surrounding.Word when !program.AsksForWords => Surrounding.Other,
        Surrounding.LineFeed or Surrounding.FinalLineFeed when !program.AsksForLineFeeds => Surrounding.Other,
        _ => one,
    };

    private DfaCache NewCache()
    {
        var cache = new DfaCache(stride);
        cache.Intern([], Surrounding.Other);
        for (var before = 0; before < Surroundings.Count; before++)
        {
            var isDead = mode == DfaMode.Verdict && startsAtEdgeOnly && before != (int)Surrounding.Edge;

            // A start state that can't begin anything keeps its row, under a name of its own.
            cache.Intern(isDead ? [-1] : [start], (Surrounding)before);
        }

        return cache;
    }

    /// <summary>Works out one transition. The state belongs to <paramref name="cache"/>; the answer to what is there afterwards.</summary>
    private int Build(ref DfaCache cache, ref int[] table, int state, int column)
    {
        lock (building)
        {
            var workspace = Pool<DfaWorkspace>.Rent();
            if (cache.Bytes > OwnLimit(cache)) Drop();
            if (cache != current)
            {
                // Others have dropped the states meanwhile; this one lives on in the new cache.
                state = current.Intern(cache.PositionsOf(state), cache.BeforeOf(state));
                cache = current;
            }

            var entry = Step(cache, state, column, workspace);
            cache.Link(state, column, entry);
            table = cache.Table;
            Pool<DfaWorkspace>.Return(workspace);
            return entry;
        }
    }

    /// <summary>What the cache may hold: more is taken from the budget in steps while there is some.</summary>
    private long OwnLimit(DfaCache cache)
    {
        if (cache != current) return long.MaxValue;
        while (cache.Bytes > DfaCache.OwnBytes + taken && DfaCache.OwnBytes + taken < DfaCache.MaxBytes && budget.TryTake(DfaCache.OwnBytes))
        {
            taken += DfaCache.OwnBytes;
        }

        return Math.Min(DfaCache.OwnBytes + taken, DfaCache.MaxBytes);
    }

    private void Drop()
    {
        Drops++;
        budget.Return(taken);
        taken = 0;
        Volatile.Write(ref current, NewCache());
    }

    private int Step(DfaCache cache, int state, int column, DfaWorkspace workspace)
    {
        var before = cache.BeforeOf(state);
        var after = column == EndColumn ? Surrounding.Edge
            : column == FinalLineFeedColumn ? Surrounding.FinalLineFeed
            : Surroundings.Of(classes.SampleOf(column));
        var reached = workspace.Reached;
        reached.Clear(program.Code.Length + 1);
        var hasMatch = false;
        var count = cache.PositionsOf(state).Length;
        for (var i = 0; i < count; i++)
        {
            var position = cache.PositionsOf(state)[i];
            if (position < 0) continue;
            var list = SuccessorsOf(cache, position, before, after, column, workspace, out var matches);
            if (matches && mode == DfaMode.Verdict) return Matched;
            hasMatch |= matches;
            foreach (var one in list)
            {
                reached.Add(one);
            }

            // What is less preferred than a match is of no interest.
            if (matches && mode == DfaMode.First) break;
        }

        if (column == EndColumn) return dead | (hasMatch ? 1 : 0);
        if (mode == DfaMode.Verdict)
        {
            if (EndsAtOnce(reached)) return Matched;
            DropInferior(reached);
        }

        if (reached.Count == 0) return dead | (hasMatch ? 1 : 0);
        if (mode != DfaMode.First) reached.Sort();
        return cache.Intern(reached.Members, Canonical(after)) | (hasMatch ? 1 : 0);
    }

    private ReadOnlySpan<int> SuccessorsOf(
        DfaCache cache, int position, Surrounding before, Surrounding after, int column, DfaWorkspace workspace, out bool matches)
    {
        var key = (((long)position * Surroundings.Count) + (int)before) * stride + column;
        if (cache.TryGetSuccessors(key, out var list, out matches)) return list;
        var found = workspace.Found;
        found.Clear();
        var entry = position == start ? program.Start : program.Code[position].Next;
        matches = Walk(entry, before, after, column, workspace);
        if (position == start && mode != DfaMode.Reverse && !startsAtEdgeOnly && !matches && column != EndColumn) found.Add(start);
        cache.AddSuccessors(key, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(found), matches);
        cache.TryGetSuccessors(key, out list, out _);
        return list;
    }

    /// <summary>
    /// Collects, in order of preference, the instructions that consume a byte of the column and are reached from <paramref name="entry"/> without
    /// consuming any. True if the match is reached as well; where order counts, what comes behind it is left out.
    /// </summary>
    private bool Walk(int entry, Surrounding before, Surrounding after, int column, DfaWorkspace workspace)
    {
        var visited = workspace.Visited;
        visited.Clear(program.Code.Length);
        var pending = workspace.Pending;
        pending.Clear();
        pending.Add(entry);
        var value = column < classes.Count ? classes.SampleOf(column) : (byte)'\n';
        var matches = false;
        while (pending.Count > 0)
        {
            var at = pending[^1];
            pending.RemoveAt(pending.Count - 1);
            if (!visited.Add(at)) continue;
            var instruction = program.Code[at];
            switch (instruction.Op)
            {
                case Opcode.Set:
                    if (column != EndColumn && program.Sets[instruction.Argument].Contains(value)) workspace.Found.Add(at);
                    break;
                case Opcode.Split:
                    pending.Add(instruction.Argument);
                    pending.Add(instruction.Next);
                    break;
                case Opcode.Save:
                    pending.Add(instruction.Next);
                    break;
                case Opcode.Assert:
                    var holds = mode == DfaMode.Reverse
                        ? Surroundings.Hold((AssertionKind)instruction.Argument, after, before)
                        : Surroundings.Hold((AssertionKind)instruction.Argument, before, after);
                    if (holds) pending.Add(instruction.Next);
                    break;
                case Opcode.NotBefore:
                    if (column == EndColumn || !program.Sets[instruction.Argument].Contains(value)) pending.Add(instruction.Next);
                    break;
                default:
                    if (mode == DfaMode.First) return true;
                    matches = true;
                    break;
            }
        }

        return matches;
    }

    /// <summary>Whether a match ends behind one of the positions, whatever follows.</summary>
    private bool EndsAtOnce(PositionSet reached)
    {
        foreach (var position in reached.Members)
        {
            if (position != start && program.Code[program.Code[position].Next].Op == Opcode.Match) return true;
        }

        return false;
    }

    /// <summary>Of the copies of a counted repeat's body keeps the one that can do what the others can.</summary>
    private void DropInferior(PositionSet reached)
    {
        if (program.Chains.Length == 0 || reached.Count < 2) return;
        var members = reached.Rewrite();
        var kept = 0;
        for (var i = 0; i < members.Length; i++)
        {
            var isInferior = false;
            var chain = members[i] == start ? 0 : program.Chains[members[i]];
            for (var j = 0; chain != 0 && j < members.Length && !isInferior; j++)
            {
                isInferior = members[j] != start && program.Chains[members[j]] == chain && program.Ranks[members[j]] < program.Ranks[members[i]];
            }

            if (!isInferior) members[kept++] = members[i];
        }

        reached.Truncate(kept);
    }

    /// <summary>The bytes that can begin a match other than at the edge, and whether a match can be empty there.</summary>
    private ByteSet FirstBytes(out bool mayBeEmpty)
    {
        var workspace = Pool<DfaWorkspace>.Rent();
        var visited = workspace.Visited;
        visited.Clear(program.Code.Length);
        var pending = workspace.Pending;
        pending.Clear();
        pending.Add(program.Start);
        var first = ByteSet.Empty;
        mayBeEmpty = false;
        while (pending.Count > 0)
        {
            var at = pending[^1];
            pending.RemoveAt(pending.Count - 1);
            if (!visited.Add(at)) continue;
            var instruction = program.Code[at];
            if (instruction.Op == Opcode.Set) first |= program.Sets[instruction.Argument];
            if (instruction.Op == Opcode.Match) mayBeEmpty = true;
            if (instruction.Op == Opcode.Split) pending.Add(instruction.Argument);
            var goesOn = instruction.Op is Opcode.Split or Opcode.Save or Opcode.NotBefore
                || (instruction.Op == Opcode.Assert && (AssertionKind)instruction.Argument != AssertionKind.Start);
            if (goesOn) pending.Add(instruction.Next);
        }

        Pool<DfaWorkspace>.Return(workspace);
        return first;
    }
}
