using System.Diagnostics.CodeAnalysis;

namespace Portcullis.Trust.Keys;

/// <summary>
/// Keeps cryptographic objects for reuse. Making one costs more than using it, and none of them is documented as safe for concurrent use
/// (<c>AesGcm</c> on OpenSSL shares one cipher context and is not), so each is rented to one caller at a time.
/// </summary>
internal sealed class HandlePool<T>(Func<T> create)
    where T : class, IDisposable
{
    // Two per processor: more callers than that at one moment get a fresh object, which is disposed when it comes back.
    private readonly T?[] slots = new T?[Math.Max(2, Environment.ProcessorCount * 2)];
    private readonly Lock gate = new();
    private volatile bool closed;

    /// <summary>False once the pool is closed.</summary>
    public bool TryRent([NotNullWhen(true)] out T? handle)
    {
        for (var i = 0; i < slots.Length; i++)
        {
            if (slots[i] is not null && Interlocked.Exchange(ref slots[i], null) is { } pooled)
            {
                handle = pooled;
                return true;
            }
        }

        // Under the gate: Close must not take away the key material while an object is made from it.
        lock (gate)
        {
            handle = closed ? null : create();
            return handle is not null;
        }
    }

    public void Return(T handle)
    {
        for (var i = 0; i < slots.Length; i++)
        {
            if (Interlocked.CompareExchange(ref slots[i], handle, null) is null)
            {
                if (closed)
                    Drain();
                return;
            }
        }

        handle.Dispose();
    }

    /// <summary>No object can be rented any more; those under way are disposed when they come back.</summary>
    public void Close()
    {
        lock (gate)
            closed = true;
        Drain();
    }

    private void Drain()
    {
        for (var i = 0; i < slots.Length; i++)
            Interlocked.Exchange(ref slots[i], null)?.Dispose();
    }
}
