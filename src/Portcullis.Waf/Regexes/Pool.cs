namespace Portcullis.Waf.Regexes;

/// <summary>Keeps a few workspaces for reuse; what does not fit is left to the collector. Safe for concurrent use.</summary>
internal static class Pool<T>
    where T : class, new()
{
    private static readonly T?[] Kept = new T?[Math.Max(2, Environment.ProcessorCount * 2)];

    public static T Rent()
    {
        for (var i = 0; i < Kept.Length; i++)
        {
            if (Volatile.Read(ref Kept[i]) is not null && Interlocked.Exchange(ref Kept[i], null) is { } kept) return kept;
        }

        return new T();
    }

    public static void Return(T item)
    {
        for (var i = 0; i < Kept.Length; i++)
        {
            if (Volatile.Read(ref Kept[i]) is null && Interlocked.CompareExchange(ref Kept[i], item, null) is null) return;
        }
    }
}
