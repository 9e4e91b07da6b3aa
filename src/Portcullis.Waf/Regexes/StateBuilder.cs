using System.Runtime.InteropServices;
using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Regexes;

/// <summary>Works out the transitions of a <see cref="LazyDfa"/>: which positions follow a state's positions by one byte, and which state they are.</summary>
internal sealed class StateBuilder
{
    /// <summary>A transition that ends the search: there is a match (verdicts only).</summary>
    public const int Matched = -1;

    private readonly RegexProgram program;
    private readonly DfaMode mode;
    private readonly ByteClassMap classes;

    /// <summary>The pseudo-position before the first byte of a match.</summary>
    private readonly int start;

    public StateBuilder(RegexProgram program, DfaMode mode)
    {
        this.program = program;
        this.mode = mode;
        classes = new ByteClassMap(program);

        // Columns: the classes, the end of the value, a final line feed. Even, so that the lowest bit of an offset is free.
        Stride = (classes.Count + 3) & ~1;
        start = program.Code.Length;
        FirstBytes = FindFirstBytes(out var mayBeEmpty);
        MayBeEmpty = mayBeEmpty;
        StartsAtEdgeOnly = mode != DfaMode.Reverse && FirstBytes.IsEmpty && !mayBeEmpty;
    }

    public int Stride { get; }

    /// <summary>The class, and so the column, of each byte.</summary>
    public byte[] ClassOf => classes.ClassOf;

    public int EndColumn => classes.Count;

    public int FinalLineFeedColumn => classes.Count + 1;

    /// <summary>The offset of the state without positions: nothing can match any more.</summary>
    public int Dead => Stride;

    /// <summary>The bytes that can begin a match other than at the edge.</summary>
    public ByteSet FirstBytes { get; }

    /// <summary>Whether a match can be empty there.</summary>
    public bool MayBeEmpty { get; }

    public bool StartsAtEdgeOnly { get; }

    /// <summary>Fills an empty cache: the dead state, then those that have only the start, one for each surrounding.</summary>
    public void AddFirstStates(DfaCache cache)
    {
        cache.Intern([], Surrounding.Other);
        for (var before = 0; before < Surroundings.Count; before++)
        {
            var isDead = mode == DfaMode.Verdict && StartsAtEdgeOnly && before != (int)Surrounding.Edge;

            // A start state that can't begin anything keeps its row, under a name of its own.
            cache.Intern(isDead ? [-1] : [start], (Surrounding)before);
        }
    }

    /// <summary>The offset of the state that has only the start.</summary>
    public int StartOf(Surrounding before) => Stride * (2 + (int)Canonical(before));

    /// <summary>The last of those states.</summary>
    public int LastStart => Stride * (1 + Surroundings.Count);

    /// <summary>Surroundings that no assertion of this program tells apart become one.</summary>
    private Surrounding Canonical(Surrounding one) => one switch
    {
        Surrounding.Edge when !program.AsksForEdges => Surrounding.Other,
        Surrounding.Word when !program.AsksForWords => Surrounding.Other,
        Surrounding.LineFeed or Surrounding.FinalLineFeed when !program.AsksForLineFeeds => Surrounding.Other,
        _ => one,
    };

    /// <summary>
    /// Where a state goes by a column: <see cref="Matched"/>, or a state's offset, with the lowest bit set if a match ends before the byte (not for
    /// verdicts).
    /// </summary>
    public int Step(DfaCache cache, int state, int column, DfaWorkspace workspace)
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

        if (column == EndColumn) return Dead | (hasMatch ? 1 : 0);
        if (mode == DfaMode.Verdict)
        {
            if (EndsAtOnce(reached)) return Matched;
            DropInferior(reached);
        }

        if (reached.Count == 0) return Dead | (hasMatch ? 1 : 0);
        if (mode != DfaMode.First) reached.Sort();
        return cache.Intern(reached.Members, Canonical(after)) | (hasMatch ? 1 : 0);
    }

    private ReadOnlySpan<int> SuccessorsOf(
        DfaCache cache, int position, Surrounding before, Surrounding after, int column, DfaWorkspace workspace, out bool matches)
    {
        var key = (((long)position * Surroundings.Count) + (int)before) * Stride + column;
        if (cache.TryGetSuccessors(key, out var list, out matches)) return list;
        var found = workspace.Found;
        found.Clear();
        var entry = position == start ? program.Start : program.Code[position].Next;
        matches = Walk(entry, before, after, column, workspace);
        if (position == start && mode != DfaMode.Reverse && !StartsAtEdgeOnly && !matches && column != EndColumn) found.Add(start);
        cache.AddSuccessors(key, CollectionsMarshal.AsSpan(found), matches);
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
    private ByteSet FindFirstBytes(out bool mayBeEmpty)
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
