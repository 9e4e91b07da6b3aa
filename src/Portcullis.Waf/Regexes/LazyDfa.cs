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
    /// <summary>Above this share of bytes that can begin a match, looking for the next one costs more than it saves.</summary>
    private const double MaxFrequencyToSearch = 0.12;

    /// <summary>
    /// A search that builds more states than this, and one for every other byte, although states were dropped before, gains nothing by states: it goes over
    /// to threads, which need no lock and no memory to stay. Not for large programs: there threads cost more than building.
    /// </summary>
    private const int MaxBuilds = 2_000;

    private const int LargestProgramForThreads = 1_000;

    private readonly RegexProgram program;
    private readonly RegexBudget budget;
    private readonly StateBuilder builder;

    // What a search reads stands here, and not behind further references: patterns are many, and each is cold when its turn comes.
    private readonly byte[] classOf;
    private readonly int dead;
    private readonly int startAtEdge;
    private readonly int startElsewhere;
    private readonly bool startsDiffer;
    private readonly bool asksForLineFeeds;

    /// <summary>Finds the next byte that can begin a match; null where such bytes are too frequent for it to pay.</summary>
    private readonly SearchValues<byte>? firstBytes;

    /// <summary>Whether the search may begin with the first byte: no assertion makes it special.</summary>
    private readonly bool searchesAtOnce;

    /// <summary>Entries up to this one are no plain transitions.</summary>
    private readonly int special;

    private readonly Lock building = new();
    private DfaCache current;
    private long taken;

    public LazyDfa(RegexProgram program, DfaMode mode, RegexBudget budget)
    {
        this.program = program;
        this.budget = budget;
        builder = new StateBuilder(program, mode);
        classOf = builder.ClassOf;
        dead = builder.Dead;
        startAtEdge = builder.StartOf(Surrounding.Edge);
        startElsewhere = builder.StartOf(Surrounding.Other);
        startsDiffer = program.AsksForWords || program.AsksForLineFeeds;
        asksForLineFeeds = program.AsksForLineFeeds;
        var searches = mode == DfaMode.Verdict && !builder.MayBeEmpty && !builder.StartsAtEdgeOnly;
        if (searches && ByteFrequencies.Of(builder.FirstBytes) <= MaxFrequencyToSearch) firstBytes = SearchValues.Create(builder.FirstBytes.ToArray());
        searchesAtOnce = firstBytes is not null && !program.AsksForEdges;
        current = NewCache();
        special = firstBytes is null ? dead : builder.LastStart;
    }

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
        var state = startAtEdge;
        var plain = PlainLength(value);
        var low = special;
        var i = 0;
        var builds = 0;
        if (searchesAtOnce && !SkipToFirst(value, ref i, ref state)) return false;
        while (i < plain)
        {
            var next = table[state + classOf[value[i]]];
            if (next <= low)
            {
                if (next == DfaCache.Unknown)
                {
                    if (++builds > MaxBuilds && builds > i / 2 && Drops > 0 && program.Code.Length <= LargestProgramForThreads) return RunThreads(value);
                    next = Build(ref cache, ref table, state, classOf[value[i]]);
                }

                if (next == StateBuilder.Matched) return true;
                if (next == dead) return false;
                if (next <= low)
                {
                    // Nothing has begun.
                    i++;
                    state = next;
                    if (!SkipToFirst(value, ref i, ref state)) return false;
                    continue;
                }
            }

            state = next;
            i++;
        }

        if (plain < value.Length)
        {
            state = Follow(ref cache, ref table, state, builder.FinalLineFeedColumn);
            if (state == StateBuilder.Matched) return true;
            if (state == dead) return false;
        }

        return Follow(ref cache, ref table, state, builder.EndColumn) == StateBuilder.Matched;
    }

    private bool RunThreads(ReadOnlySpan<byte> value)
    {
        Span<int> slots = stackalloc int[2];
        return PikeMachine.Match(program, value, 0, value.Length, isAnchored: false, slots);
    }

    /// <summary>From a state without anything begun goes on to the next byte that can begin a match; false if there is none.</summary>
    private bool SkipToFirst(ReadOnlySpan<byte> value, ref int i, ref int state)
    {
        var skipped = value[i..].IndexOfAny(firstBytes!);
        if (skipped <= 0) return skipped == 0;
        i += skipped;
        state = startsDiffer ? builder.StartOf(Surroundings.Of(value[i - 1])) : startElsewhere;
        return true;
    }

    /// <summary>Where the leftmost match ends that backtracking would find; -1 if there is none.</summary>
    public int FindEnd(ReadOnlySpan<byte> value)
    {
        var cache = Volatile.Read(ref current);
        var table = cache.Table;
        var state = startAtEdge;
        var plain = PlainLength(value);
        var end = -1;
        for (var i = 0; i < value.Length; i++)
        {
            var entry = Follow(ref cache, ref table, state, i < plain ? classOf[value[i]] : builder.FinalLineFeedColumn);
            if ((entry & 1) != 0) end = i;
            state = entry & ~1;
            if (state == dead) return end;
        }

        return (Follow(ref cache, ref table, state, builder.EndColumn) & 1) != 0 ? value.Length : end;
    }

    /// <summary>Where the longest match begins that ends at <paramref name="end"/>, by the reversed program; -1 if there is none.</summary>
    public int FindStart(ReadOnlySpan<byte> value, int end)
    {
        var cache = Volatile.Read(ref current);
        var table = cache.Table;
        var state = builder.StartOf(Surroundings.At(value, end));
        var plain = PlainLength(value);
        var found = -1;
        for (var i = end - 1; i >= 0; i--)
        {
            var entry = Follow(ref cache, ref table, state, i < plain ? classOf[value[i]] : builder.FinalLineFeedColumn);
            if ((entry & 1) != 0) found = i + 1;
            state = entry & ~1;
            if (state == dead) return found;
        }

        return (Follow(ref cache, ref table, state, builder.EndColumn) & 1) != 0 ? 0 : found;
    }

    private int Follow(ref DfaCache cache, ref int[] table, int state, int column)
    {
        var entry = table[state + column];
        return entry != DfaCache.Unknown ? entry : Build(ref cache, ref table, state, column);
    }

    /// <summary>How many bytes go by their class: all, but for a last line feed that some assertion tells from others.</summary>
    private int PlainLength(ReadOnlySpan<byte> value)
        => asksForLineFeeds && value is [.., (byte)'\n'] ? value.Length - 1 : value.Length;

    private DfaCache NewCache()
    {
        var cache = new DfaCache(builder.Stride);
        builder.AddFirstStates(cache);
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

            var entry = builder.Step(cache, state, column, workspace);
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
}
