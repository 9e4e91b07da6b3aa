namespace Portcullis.Gateway.Buffers;

/// <summary>A call of one async method with its state, kept for the next call when it is over.</summary>
/// <typeparam name="TStateMachine">What the compiler made of the method.</typeparam>
/// <typeparam name="TResult">What the method returns.</typeparam>
internal sealed class SuspendedCall<TStateMachine, TResult> : ReusedCall<TResult>
    where TStateMachine : System.Runtime.CompilerServices.IAsyncStateMachine
{
    /// <summary>Calls kept for each method; further ones are left to the collector. At some hundred octets each they are not trimmed.</summary>
    private const int MostKept = 1024;

    /// <summary>Calls that each thread keeps for itself.</summary>
    private const int MostOwn = 32;

    private static readonly Lock Gate = new();
    private static SuspendedCall<TStateMachine, TResult>? top;
    private static int kept;

    // Mostly the thread that ended a call begins the next one.
    [ThreadStatic]
    private static OwnCalls? own;

    private TStateMachine state = default!;
    private SuspendedCall<TStateMachine, TResult>? below;

    private SuspendedCall() => MoveNext = () => state.MoveNext();

    /// <summary>Goes on with the method.</summary>
    public Action MoveNext { get; }

    public static SuspendedCall<TStateMachine, TResult> Rent()
    {
        if (own is { Count: > 0 } mine) return mine.Calls[--mine.Count]!;
        lock (Gate)
        {
            if (top is { } call)
            {
                top = call.below;
                call.below = null;
                kept--;
                return call;
            }
        }

        return new();
    }

    public void Begin(ref TStateMachine suspended) => state = suspended;

    protected override void Return()
    {
        state = default!;
        var mine = own ??= new OwnCalls();
        if (mine.Count < MostOwn)
        {
            mine.Calls[mine.Count++] = this;
            return;
        }

        lock (Gate)
        {
            if (kept == MostKept) return;
            below = top;
            top = this;
            kept++;
        }
    }

    private sealed class OwnCalls
    {
        public SuspendedCall<TStateMachine, TResult>?[] Calls { get; } = new SuspendedCall<TStateMachine, TResult>?[MostOwn];

        public int Count { get; set; }
    }
}
