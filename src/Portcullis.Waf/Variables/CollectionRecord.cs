using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Variables;

/// <summary>The variables of one key of a persistent collection, for example of one address in IP. Safe for concurrent use.</summary>
internal sealed class CollectionRecord(string name, TimeProvider clock)
{
    /// <summary>Further variables are not kept.</summary>
    public const int Capacity = 128;

    /// <summary>Longer values are cut.</summary>
    public const int MaximumValueLength = 4096;

    /// <summary>Of all names and values of a record; what would go beyond is not kept. With <see cref="PersistentCollections.Capacity"/>,
    /// the bound of the memory of all.</summary>
    public const int MaximumBytes = 16 * 1024;

    private readonly Lock gate = new();
    private readonly List<Variable> variables = [];
    private int bytes;
    private long lastWritten = clock.GetTimestamp();

    public string Name => name;

    /// <summary>When something was last written, as the clock's timestamp.</summary>
    public long LastWritten => Volatile.Read(ref lastWritten);

    /// <summary>The members that a target means, copied into the transaction's memory.</summary>
    public void Expand(Rules.Target target, NameTable names, Arena arena, FoundList list)
    {
        lock (gate)
        {
            Expire();
            foreach (var variable in variables)
            {
                var nameId = names.Find(variable.Name);
                if (!target.Selects(nameId, variable.Name)) continue;
                ref var found = ref list.Add();
                found.Variable = target.Variable;
                found.Name = new Slice(variable.Name);
                found.NameId = nameId;
                found.Value = Found.NoValue;
                found.Text = arena.Copy(variable.Value);
            }
        }
    }

    public void Set(ReadOnlySpan<byte> variable, ReadOnlySpan<byte> value)
    {
        lock (gate)
        {
            Expire();
            Write(variable, value);
        }
    }

    /// <summary>Adds to a number in one step, so that transactions side by side lose nothing. As in ModSecurity 2, a counter never goes below zero.</summary>
    public void Add(ReadOnlySpan<byte> variable, long amount)
    {
        lock (gate)
        {
            Expire();
            var at = Find(variable);
            var before = at < 0 ? 0 : Numbers.Parse(variables[at].Value);
            Span<byte> text = stackalloc byte[20];
            System.Buffers.Text.Utf8Formatter.TryFormat(Math.Max(0, Numbers.Add(before, amount)), text, out var written);
            Write(variable, text[..written]);
        }
    }

    public void Unset(ReadOnlySpan<byte> variable)
    {
        lock (gate)
        {
            var at = Find(variable);
            if (at >= 0) Remove(at);
        }
    }

    public void ExpireAfter(ReadOnlySpan<byte> variable, TimeSpan life)
    {
        lock (gate)
        {
            var at = Find(variable);
            if (at >= 0) variables[at] = variables[at] with { Expires = clock.GetUtcNow() + life };
        }
    }

    private void Write(ReadOnlySpan<byte> variable, ReadOnlySpan<byte> value)
    {
        Volatile.Write(ref lastWritten, clock.GetTimestamp());
        if (value.Length > MaximumValueLength) value = value[..MaximumValueLength];
        var at = Find(variable);
        var more = at >= 0 ? value.Length - variables[at].Value.Length : variable.Length + value.Length;
        if (bytes + more > MaximumBytes || (at < 0 && variables.Count == Capacity)) return;

        bytes += more;
        if (at >= 0) variables[at] = variables[at] with { Value = value.ToArray() };
        else variables.Add(new Variable(variable.ToArray(), value.ToArray(), DateTimeOffset.MaxValue));
    }

    private void Remove(int at)
    {
        bytes -= variables[at].Name.Length + variables[at].Value.Length;
        variables.RemoveAt(at);
    }

    private int Find(ReadOnlySpan<byte> variable)
    {
        for (var at = 0; at < variables.Count; at++)
        {
            if (AsciiCase.EqualsIgnoreCase(variables[at].Name, variable)) return at;
        }

        return -1;
    }

    private void Expire()
    {
        var now = clock.GetUtcNow();
        for (var at = variables.Count - 1; at >= 0; at--)
        {
            if (variables[at].Expires <= now) Remove(at);
        }
    }

    private sealed record Variable(byte[] Name, byte[] Value, DateTimeOffset Expires);
}
