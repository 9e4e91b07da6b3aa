using Portcullis.Gateway.EventLoops;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>Gives a client's connection up, once, and tells whoever works for the client. Thread safe.</summary>
internal sealed class ClientAbort(Wire wire) : IDisposable
{
    private readonly CancellationTokenSource told = new();
    private int isDone;

    /// <summary>Fires soon after the connection was given up.</summary>
    public CancellationToken Token => told.Token;

    public bool IsDone => Volatile.Read(ref isDone) != 0;

    /// <summary>Closes the connection so that what was not whole does not look it.</summary>
    public void Abort()
    {
        if (Interlocked.Exchange(ref isDone, 1) != 0) return;
        wire.Abort();

        // What was waiting for it goes on elsewhere: whoever aborts may hold a lock or have other sessions to look after.
        ThreadPool.UnsafeQueueUserWorkItem(static abort => abort.Tell(), this, preferLocal: false);
    }

    /// <summary>The connection has ended by itself: there is nothing to give up any more.</summary>
    public void Dispose()
    {
        Volatile.Write(ref isDone, 1);
        told.Dispose();
    }

    private void Tell()
    {
        try
        {
            told.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The session has ended meanwhile, and nobody waits for it.
        }
    }
}
