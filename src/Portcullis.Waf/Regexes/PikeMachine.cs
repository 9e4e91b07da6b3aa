namespace Portcullis.Waf.Regexes;

/// <summary>
/// Runs a program with all its threads side by side, each with the positions of its groups: time is linear in value and program. Source: R. Cox, "Regular
/// Expression Matching: the Virtual Machine Approach". Used for groups once it is known where the match is.
/// </summary>
internal static class PikeMachine
{
    /// <summary>Two for each of the groups 0 to 9.</summary>
    public const int MaxSlots = 20;

    /// <summary>
    /// The match that begins at <paramref name="from"/>, or at the first place from there unless <paramref name="isAnchored"/>, and that backtracking would
    /// find first; it reads no further than <paramref name="to"/>. <paramref name="slots"/> gets the start and end of each group, -1 where it took no part.
    /// </summary>
    public static bool Match(RegexProgram program, ReadOnlySpan<byte> value, int from, int to, bool isAnchored, Span<int> slots)
    {
        var workspace = Pool<PikeWorkspace>.Rent();
        var (now, then) = (workspace.Now, workspace.Then);
        var current = workspace.Slots.AsSpan(0, slots.Length);
        now.Clear(program.Code.Length, slots.Length);
        var isMatched = false;
        for (var i = from; i <= to; i++)
        {
            if (i == from || (!isAnchored && !isMatched))
            {
                current.Fill(-1);
                current[0] = i;
                Add(program, value, i, program.Start, now, current, workspace);
            }

            if (now.Instructions.Count == 0 && (isAnchored || isMatched)) break;
            then.Clear(program.Code.Length, slots.Length);
            var members = now.Instructions.Members;
            for (var thread = 0; thread < members.Length; thread++)
            {
                var instruction = program.Code[members[thread]];
                if (instruction.Op == Opcode.Match)
                {
                    now.SlotsOf(thread).CopyTo(slots);
                    slots[1] = i;
                    isMatched = true;
                    break;
                }

                if (instruction.Op != Opcode.Set || i >= to || !program.Sets[instruction.Argument].Contains(value[i])) continue;
                now.SlotsOf(thread).CopyTo(current);
                Add(program, value, i + 1, instruction.Next, then, current, workspace);
            }

            (now, then) = (then, now);
        }

        Pool<PikeWorkspace>.Return(workspace);
        return isMatched;
    }

    /// <summary>Adds the threads that are reached from <paramref name="entry"/> without consuming a byte.</summary>
    private static void Add(
        RegexProgram program, ReadOnlySpan<byte> value, int position, int entry, PikeThreads threads, Span<int> current, PikeWorkspace workspace)
    {
        var pending = workspace.Pending;
        pending.Clear();
        pending.Add((entry, 0));
        while (pending.Count > 0)
        {
            var (at, stored) = pending[^1];
            pending.RemoveAt(pending.Count - 1);
            if (at < 0)
            {
                current[~at] = stored;
                continue;
            }

            if (!threads.Instructions.Add(at)) continue;
            threads.Note(current);
            var instruction = program.Code[at];
            switch (instruction.Op)
            {
                case Opcode.Split:
                    pending.Add((instruction.Argument, 0));
                    pending.Add((instruction.Next, 0));
                    break;
                case Opcode.Save when instruction.Argument < current.Length:
                    pending.Add((~instruction.Argument, current[instruction.Argument]));
                    current[instruction.Argument] = position;
                    pending.Add((instruction.Next, 0));
                    break;
                case Opcode.Save:
                    pending.Add((instruction.Next, 0));
                    break;
                case Opcode.NotBefore:
                    if (position >= value.Length || !program.Sets[instruction.Argument].Contains(value[position])) pending.Add((instruction.Next, 0));
                    break;
                case Opcode.Assert:
                    var before = Surroundings.At(value, position - 1);
                    if (Surroundings.Hold((AssertionKind)instruction.Argument, before, Surroundings.At(value, position))) pending.Add((instruction.Next, 0));
                    break;
            }
        }
    }
}
