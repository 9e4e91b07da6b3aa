namespace Portcullis.Gateway.Buffers;

/// <summary>A call of one async method with its state, kept for the next call when it is over.</summary>
/// <typeparam name="TStateMachine">What the compiler made of the method.</typeparam>
/// <typeparam name="TResult">What the method returns.</typeparam>
internal sealed class SuspendedCall<TStateMachine, TResult> : ReusedCall<TResult>
    where TStateMachine : System.Runtime.CompilerServices.IAsyncStateMachine
{
    /// <summary>Calls kept for each method; further ones are left to the collector. At some hundred octets each they are not trimmed.</summary>
    private const int MostKept = 1024;

    private static readonly Lock Gate = new();
    private static SuspendedCall<TStateMachine, TResult>? top;
    private static int kept;

    // Mostly the thread that ended a call begins the next one.
    [ThreadStatic]
    private static SuspendedCall<TStateMachine, TResult>? own;

    private TStateMachine state = default!;
    private SuspendedCall<TStateMachine, TResult>? below;

    private SuspendedCall() => MoveNext = Continue;

    /// <summary>Goes on with the method.</summary>
    public Action MoveNext { get; }

    /// <summary>The execution context at the wait; null where its flow is suppressed.</summary>
    public ExecutionContext? Context { get; set; }

    public static SuspendedCall<TStateMachine, TResult> Rent()
    {
        if (own is { } mine)
        {
            own = null;
            return mine;
        }

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

    public void Begin(TStateMachine suspended, ExecutionContext? context)
    {
        state = suspended;
        Context = context;
    }

    protected override void Return()
    {
        state = default!;
        Context = null;
        if (own is null)
        {
            own = this;
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

    private void Continue()
    {
        if (Context is { } context) ExecutionContext.Run(context, static call => ((SuspendedCall<TStateMachine, TResult>)call!).state.MoveNext(), this);
        else state.MoveNext();
    }
}
