using System.Runtime.CompilerServices;

namespace Portcullis.Gateway.Buffers;

/// <summary>
/// Builds async methods whose state is kept for reuse in a stack of each method's own. The framework's pooling builder keeps one for each
/// thread and one for each core, so with more calls in flight than that it allocates with nearly every call.
/// </summary>
/// <remarks>
/// As with the framework's, the task is to be awaited once, and a call that completes without having to wait costs nothing. Unlike with it, no
/// execution context flows over a wait, which would cost as much again: what is said to hold for a request is in its exchange, and nothing on
/// its path may leave a value in an <see cref="AsyncLocal{T}"/>.
/// </remarks>
/// <typeparam name="TResult">What the method returns.</typeparam>
internal struct ReusingValueTaskMethodBuilder<TResult>
{
    private ReusedCall<TResult>? call;
    private TResult result;

    public readonly ValueTask<TResult> Task => call is null ? new(result) : call.Task;

    public static ReusingValueTaskMethodBuilder<TResult> Create() => default;

    public readonly void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
        => stateMachine.MoveNext();

    public readonly void SetStateMachine(IAsyncStateMachine stateMachine) => throw new NotSupportedException("Only debuggers of the past box state machines.");

    public void SetResult(TResult value)
    {
        if (call is null) result = value;
        else call.SetResult(value);
    }

    public void SetException(Exception exception)
    {
        // A call that fails before it waited: rare enough for a state that is thrown away.
        call ??= new FailedCall<TResult>();
        call.SetException(exception);
    }

    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine
        => awaiter.OnCompleted(Suspend(ref stateMachine));

    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine
        => awaiter.UnsafeOnCompleted(Suspend(ref stateMachine));

    private Action Suspend<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
    {
        if (call is SuspendedCall<TStateMachine, TResult> waited) return waited.MoveNext;

        // The first wait: the state moves from the stack into the kept object. The builder lies within the state, so it must
        // know the object before the copy is made.
        var fresh = SuspendedCall<TStateMachine, TResult>.Rent();
        call = fresh;
        fresh.Begin(ref stateMachine);
        return fresh.MoveNext;
    }
}
