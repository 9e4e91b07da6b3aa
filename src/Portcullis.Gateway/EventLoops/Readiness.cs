using System.Threading.Tasks.Sources;

namespace Portcullis.Gateway.EventLoops;

/// <summary>
/// Whether one direction of a socket is worth another try, and who waits for it: one at most. <see cref="Tell"/> may be called from any
/// thread, the others by the one user of the direction.
/// </summary>
internal sealed class Readiness : IValueTaskSource<int>
{
    private const int Unknown = 0;
    private const int Told = 1;
    private const int Awaited = 2;

    private ManualResetValueTaskSourceCore<int> source;
    private int state;

    /// <summary>Whether something was told since the last <see cref="Forget"/>.</summary>
    public bool IsTold => Volatile.Read(ref state) == Told;

    /// <summary>To be called before a try: what is told from here on is news.</summary>
    public void Forget()
    {
        if (Volatile.Read(ref state) == Told) Interlocked.CompareExchange(ref state, Unknown, Told);
    }

    /// <summary>Waits for news; none is forgotten by it. The number says nothing: it makes a wait and a receive one type.</summary>
    public ValueTask<int> WaitAsync()
    {
        source.Reset();
        return Interlocked.CompareExchange(ref state, Awaited, Unknown) == Unknown ? new(this, source.Version) : default;
    }

    /// <summary>There is news: who waits goes on, on this thread.</summary>
    public void Tell()
    {
        // Stays told for the one who is woken, until the try that this is about.
        if (Interlocked.Exchange(ref state, Told) == Awaited) source.SetResult(0);
    }

    /// <summary>Wakes whoever waits when the token fires; on a thread of the pool, since what cancels is not to run what is cancelled.</summary>
    public CancellationTokenRegistration TellWhen(CancellationToken cancellationToken) => cancellationToken.UnsafeRegister(
        static state => ThreadPool.UnsafeQueueUserWorkItem(static readiness => readiness.Tell(), (Readiness)state!, preferLocal: false), this);

    public ValueTaskSourceStatus GetStatus(short token) => source.GetStatus(token);

    public int GetResult(short token) => source.GetResult(token);

    // What waits goes on where the news is told, whatever context it came from.
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => source.OnCompleted(continuation, state, token, ValueTaskSourceOnCompletedFlags.None);
}
