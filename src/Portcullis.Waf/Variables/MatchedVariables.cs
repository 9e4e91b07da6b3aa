using Portcullis.Waf.Bytes;
using Portcullis.Waf.Rules;

namespace Portcullis.Waf.Variables;

/// <summary>MATCHED_VAR, MATCHED_VARS and their names: what matched in this chain so far, values as they were after the transformations.</summary>
internal sealed class MatchedVariables(Arena arena)
{
    /// <summary>Further matches of one chain are counted by the rules, but not kept here.</summary>
    public const int Capacity = 1024;

    private readonly List<Match> matches = [];
    private Match last;
    private Rule? deferred;
    private long deferredNumber;

    public int Count => matches.Count;

    public Match this[int index] => matches[index];

    /// <summary>The last match of any rule; stays when a chain begins anew.</summary>
    public Match Last
    {
        get
        {
            if (deferred is not { Links: [{ Targets: [var target] }] }) return last;
            deferred = null;
            return last = new Match(target.Variable, target.Name, target.IsCount, VariableStore.Decimal(arena, deferredNumber));
        }
    }

    public bool HasLast { get; private set; }

    /// <summary>A rule of one number has matched that does nothing but jump: put together only if somebody asks for it.</summary>
    public void Defer(Rule rule, long number)
    {
        (deferred, deferredNumber) = (rule, number);
        HasLast = true;
    }

    public void Add(Variable variable, Slice name, bool isCount, Slice value)
    {
        last = new Match(variable, name, isCount, value);
        deferred = null;
        HasLast = true;
        if (matches.Count < Capacity) matches.Add(last);
    }

    /// <summary>A chain begins, or one has failed.</summary>
    public void Restart() => matches.Clear();

    public void Clear()
    {
        matches.Clear();
        last = default;
        deferred = null;
        HasLast = false;
    }

    internal readonly record struct Match(Variable Variable, Slice Name, bool IsCount, Slice Value)
    {
        /// <summary>The full name, as <c>ARGS:id</c>.</summary>
        public Slice FullName(Arena arena)
        {
            var variable = VariableCatalogue.Utf8Name(Variable);
            var room = arena.Reserve(variable.Length + Name.Length + 2);
            var length = 0;
            if (IsCount) room[length++] = (byte)'&';
            variable.CopyTo(room[length..]);
            length += variable.Length;
            if (Name.Length > 0)
            {
                room[length++] = (byte)':';
                Name.Span.CopyTo(room[length..]);
                length += Name.Length;
            }

            return arena.Commit(length);
        }
    }
}
