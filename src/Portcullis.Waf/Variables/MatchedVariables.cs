using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Variables;

/// <summary>MATCHED_VAR, MATCHED_VARS and their names: what matched in this chain so far, values as they were after the transformations.</summary>
internal sealed class MatchedVariables
{
    /// <summary>Further matches of one chain are counted by the rules, but not kept here.</summary>
    public const int Capacity = 1024;

    private readonly List<Match> matches = [];

    public int Count => matches.Count;

    public Match this[int index] => matches[index];

    /// <summary>The last match of any rule; stays when a chain begins anew.</summary>
    public Match Last { get; private set; }

    public bool HasLast { get; private set; }

    public void Add(Variable variable, Slice name, bool isCount, Slice value)
    {
        Last = new Match(variable, name, isCount, value);
        HasLast = true;
        if (matches.Count < Capacity) matches.Add(Last);
    }

    /// <summary>A chain begins, or one has failed.</summary>
    public void Restart() => matches.Clear();

    public void Clear()
    {
        matches.Clear();
        Last = default;
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
