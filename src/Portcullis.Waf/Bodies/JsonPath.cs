using System.Buffers;
using System.Buffers.Text;
using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Bodies;

/// <summary>The name of the value that is being read, and the containers it stands in.</summary>
internal ref struct JsonPath
{
    private const int FreeNameBytes = 64 * 1024;
    private const int NameBytesPerByte = 16;

    private readonly JsonNames names;
    private PooledBytes path;
    private JsonContainer[] containers;
    private long budget;

    /// <param name="names">How values are named.</param>
    /// <param name="textLength">Bytes of the text, of which the budget for names is made.</param>
    public JsonPath(JsonNames names, int textLength)
    {
        this.names = names;
        budget = FreeNameBytes + ((long)NameBytesPerByte * textLength);
        containers = ArrayPool<JsonContainer>.Shared.Rent(16);
        if (names == JsonNames.ModSecurity3) path.Append("json"u8);
    }

    /// <summary>Containers that are open.</summary>
    public int Depth { get; private set; }

    public readonly bool IsInArray => containers[Depth - 1].IsArray;

    /// <summary>The name of the value.</summary>
    public readonly ReadOnlySpan<byte> Name => path.Written;

    /// <summary>Opens a container that is the value. Its values get their names by <see cref="TryKey"/> or <see cref="TryElement"/>.</summary>
    public void Open(bool isArray)
    {
        if (Depth == containers.Length) Grow();
        if (isArray && Depth == 0 && names == JsonNames.ModSecurity2) path.Append("array"u8);
        var hasPrefix = Depth > 0 || isArray || names == JsonNames.ModSecurity3;
        var outer = Depth == 0 ? 0 : containers[Depth - 1].LastKey;
        containers[Depth++] = new JsonContainer { IsArray = isArray, HasPrefix = hasPrefix, PrefixLength = path.Length, PrefixKey = outer, LastKey = outer };
    }

    public void Close()
    {
        Depth--;
        path.Truncate(containers[Depth].PrefixLength);
    }

    /// <summary>Names the next value of an object. False when the budget for names is spent.</summary>
    public bool TryKey(ReadOnlySpan<byte> key)
    {
        if (!TrySpend(key.Length)) return false;
        ref var container = ref containers[Depth - 1];
        path.Truncate(container.PrefixLength);
        if (container.HasPrefix) path.Append((byte)'.');
        container.LastKey = path.Length;
        path.Append(key);
        return true;
    }

    /// <summary>Names the next value of an array. False when the budget for names is spent.</summary>
    public bool TryElement()
    {
        ref var container = ref containers[Depth - 1];
        if (names == JsonNames.ModSecurity3)
        {
            path.Truncate(container.PrefixLength);
            path.Append(".array_"u8);
            Utf8Formatter.TryFormat(container.Elements++, path.Room(10), out var digits);
            path.Advance(digits);
            return TrySpend(digits);
        }

        if (container.Elements++ > 0)
        {
            // All have the name of the first; one that is a container has left it as it was.
            return true;
        }

        var key = container.PrefixKey;
        var length = container.PrefixLength - key;
        if (!TrySpend(length)) return false;
        path.Append((byte)'.');
        container.LastKey = path.Length;
        var room = path.Room(length);
        path.Written.Slice(key, length).CopyTo(room);
        path.Advance(length);
        return true;
    }

    /// <summary>To be asked before a value is passed on under its name.</summary>
    public bool TrySpendName() => TrySpend(path.Length);

    public void Dispose()
    {
        path.Dispose();
        ArrayPool<JsonContainer>.Shared.Return(containers);
    }

    private bool TrySpend(int bytes) => (budget -= bytes) >= 0;

    private void Grow()
    {
        var larger = ArrayPool<JsonContainer>.Shared.Rent(containers.Length * 2);
        containers.AsSpan(0, Depth).CopyTo(larger);
        ArrayPool<JsonContainer>.Shared.Return(containers);
        containers = larger;
    }
}
