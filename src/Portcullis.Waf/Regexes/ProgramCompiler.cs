using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Regexes;

/// <summary>
/// Turns a tree into a Thompson automaton, from its end to its start: each node is compiled with the instruction to go on at.
/// </summary>
internal sealed class ProgramCompiler
{
    /// <summary>
    /// Instructions of a program, counted repeats expanded. The largest of the Core Rule Set has some 20,000; at the cap a pattern is refused.
    /// </summary>
    public const int MaxInstructions = 200_000;

    /// <summary>Groups beyond this one (TX:9) are matched but not noted.</summary>
    private const int MaxGroup = 9;

    private readonly bool isExact;
    private readonly List<Instruction> code = [];
    private readonly List<(int At, int Chain, int Rank)> chained = [];
    private readonly Dictionary<ByteSet, int> sets = [];
    private int chainCount = 1;

    private ProgramCompiler(bool isExact) => this.isExact = isExact;

    /// <summary>A program for verdicts: which strings match, without groups and preference. Null if it is too large.</summary>
    public static RegexProgram? CompileVerdict(RegexNode root) => new ProgramCompiler(isExact: false).Compile(root);

    /// <summary>
    /// A program that finds the match and the groups that PCRE finds. A repeat whose body may be empty ends at an empty iteration there; so its body
    /// stands twice, before and behind the first byte that an iteration consumes. Where that makes the program too large, it stands once.
    /// </summary>
    public static RegexProgram? CompileExact(RegexNode root)
        => new ProgramCompiler(isExact: true).Compile(root) ?? new ProgramCompiler(isExact: false).Compile(root);

    private bool IsFull => code.Count >= MaxInstructions;

    private RegexProgram? Compile(RegexNode root)
    {
        var start = Compile(root, Emit(Opcode.Match, 0, 0));
        if (IsFull) return null;
        var distinct = new ByteSet[sets.Count];
        foreach (var (set, index) in sets)
        {
            distinct[index] = set;
        }

        var chains = chained.Count == 0 ? [] : new int[code.Count];
        var ranks = chained.Count == 0 ? [] : new int[code.Count];
        foreach (var (at, chain, rank) in chained)
        {
            if (chains[at] == 0) (chains[at], ranks[at]) = (chain, rank);
        }

        return new RegexProgram([.. code], start, distinct, chains, ranks);
    }

    private int Emit(Opcode op, int next, int argument)
    {
        if (!IsFull) code.Add(new Instruction(op, next, argument));
        return code.Count - 1;
    }

    private int Compile(RegexNode node, int next)
    {
        if (IsFull) return next;
        switch (node)
        {
            case RegexNode.Empty:
                return next;
            case RegexNode.Set set:
                return Emit(Opcode.Set, next, IndexOf(set.Bytes));
            case RegexNode.Assertion assertion:
                return Emit(Opcode.Assert, next, (int)assertion.Kind);
            case RegexNode.NotBefore look:
                return Emit(Opcode.NotBefore, next, IndexOf(look.Bytes));
            case RegexNode.Group group when group.Index > MaxGroup:
                return Compile(group.Body, next);
            case RegexNode.Group group:
                return Emit(Opcode.Save, Compile(group.Body, Emit(Opcode.Save, next, (2 * group.Index) + 1)), 2 * group.Index);
            case RegexNode.Concatenation concatenation:
                for (var i = concatenation.Items.Length - 1; i >= 0; i--)
                {
                    next = Compile(concatenation.Items[i], next);
                }

                return next;
            case RegexNode.Alternation alternation:
                var entry = Compile(alternation.Options[^1], next);
                for (var i = alternation.Options.Length - 2; i >= 0; i--)
                {
                    entry = Emit(Opcode.Split, Compile(alternation.Options[i], next), entry);
                }

                return entry;
            case RegexNode.Repeat repeat:
                return CompileRepeat(repeat, next);
            default:
                throw new ArgumentException($"{node.GetType().Name} has no automaton", nameof(node));
        }
    }

    private int IndexOf(in ByteSet set)
    {
        if (!sets.TryGetValue(set, out var index)) sets.Add(set, index = sets.Count);
        return index;
    }

    private int CompileRepeat(RegexNode.Repeat repeat, int next)
    {
        var (body, min, max) = (repeat.Body, repeat.Min, repeat.Max);
        if (max == RegexNode.Repeat.Unlimited)
        {
            var split = Emit(Opcode.Split, 0, 0);
            var from = code.Count;
            var loop = isExact && body.IsNullable ? CompileTracked(body, next, split) : Compile(body, split);
            Choose(split, loop, next, repeat.IsLazy);
            if (min == 0) return split;
            if (min == 1) return loop;
            var chain = Chain(from, min: 0, rank: 0);
            next = loop;
            for (var copy = 1; copy < min && !IsFull; copy++)
            {
                from = code.Count;
                next = Compile(body, next);
                Chain(from, chain, copy);
            }

            return next;
        }

        // The optional copies, each within the one before; then the others. The last of those is like the optional ones: it leads to all of them.
        var exit = next;
        var chained = 0;
        for (var copy = max; copy > min && !IsFull; copy--)
        {
            var from = code.Count;
            var entry = Compile(body, next);
            chained = Chain(from, chained, copy);
            next = Emit(Opcode.Split, 0, 0);
            Choose(next, entry, exit, repeat.IsLazy);
        }

        for (var copy = min; copy > 0 && !IsFull; copy--)
        {
            var from = code.Count;
            next = Compile(body, next);
            if (copy == min && max > min) Chain(from, chained, copy);
        }

        return next;
    }

    private void Choose(int split, int body, int exit, bool isLazy)
    {
        if (split < code.Count && code[split].Op == Opcode.Split)
            code[split] = isLazy ? new Instruction(Opcode.Split, exit, body) : new Instruction(Opcode.Split, body, exit);
    }

    /// <summary>Notes that the instructions since <paramref name="from"/> are one copy of a repeat's body. Only verdicts make use of it.</summary>
    private int Chain(int from, int min, int rank)
    {
        if (isExact) return 0;
        var chain = min;
        if (chain == 0)
        {
            chain = chainCount;
            chainCount += code.Count - from;
        }

        for (var at = from; at < code.Count; at++)
        {
            if (code[at].Op == Opcode.Set) chained.Add((at, chain + at - from, rank));
        }

        return chain;
    }

    /// <summary>
    /// Compiles a node within an iteration that has consumed nothing yet: behind the node it goes on at <paramref name="empty"/> if that is still so,
    /// else at <paramref name="consumed"/>.
    /// </summary>
    private int CompileTracked(RegexNode node, int empty, int consumed)
    {
        if (IsFull) return consumed;
        if (!node.IsNullable) return Compile(node, consumed);
        switch (node)
        {
            case RegexNode.Group group when group.Index > MaxGroup:
                return CompileTracked(group.Body, empty, consumed);
            case RegexNode.Group group:
                var closeEmpty = Emit(Opcode.Save, empty, (2 * group.Index) + 1);
                var closeConsumed = Emit(Opcode.Save, consumed, (2 * group.Index) + 1);
                return Emit(Opcode.Save, CompileTracked(group.Body, closeEmpty, closeConsumed), 2 * group.Index);
            case RegexNode.Concatenation concatenation:
                foreach (var item in Enumerable.Reverse(concatenation.Items))
                {
                    (empty, consumed) = (CompileTracked(item, empty, consumed), Compile(item, consumed));
                }

                return empty;
            case RegexNode.Alternation alternation:
                var entry = CompileTracked(alternation.Options[^1], empty, consumed);
                for (var i = alternation.Options.Length - 2; i >= 0; i--)
                {
                    entry = Emit(Opcode.Split, CompileTracked(alternation.Options[i], empty, consumed), entry);
                }

                return entry;
            case RegexNode.Repeat repeat:
                return CompileTrackedRepeat(repeat, empty, consumed);
            default:
                return Compile(node, empty);
        }
    }

    private int CompileTrackedRepeat(RegexNode.Repeat repeat, int empty, int consumed)
    {
        var (body, min, max) = (repeat.Body, repeat.Min, repeat.Max);
        var (exitEmpty, exitConsumed) = (empty, consumed);
        if (max == RegexNode.Repeat.Unlimited)
        {
            // Once something is consumed, it is a loop like any other.
            var loop = Emit(Opcode.Split, 0, 0);
            var again = body.IsNullable ? CompileTracked(body, exitConsumed, loop) : Compile(body, loop);
            Choose(loop, again, exitConsumed, repeat.IsLazy);
            empty = CompileTracked(body, exitEmpty, loop);
            consumed = again;
            max = Math.Max(min, 1);
            if (min == 0) return Optional(empty, exitEmpty, repeat.IsLazy);
            min--;
            max = min;
        }

        for (var copy = max; copy > 0 && !IsFull; copy--)
        {
            (empty, consumed) = (CompileTracked(body, empty, consumed), Compile(body, consumed));
            if (copy <= min) continue;
            empty = Optional(empty, exitEmpty, repeat.IsLazy);
            consumed = Optional(consumed, exitConsumed, repeat.IsLazy);
        }

        return empty;
    }

    private int Optional(int body, int exit, bool isLazy) => isLazy ? Emit(Opcode.Split, exit, body) : Emit(Opcode.Split, body, exit);
}
