using System.Threading.Tasks.Sources;

namespace Portcullis.Gateway.Buffers;

/// <summary>A call of an async method that had to wait: what its caller awaits.</summary>
/// <typeparam name="TResult">What the method returns.</typeparam>
internal abstract class ReusedCall<TResult> : IValueTaskSource<TResult>
{
    private ManualResetValueTaskSourceCore<TResult> source;

    public ValueTask<TResult> Task => new(this, source.Version);

    public void SetResult(TResult result) => source.SetResult(result);

    public void SetException(Exception exception) => source.SetException(exception);

    public ValueTaskSourceStatus GetStatus(short token) => source.GetStatus(token);

    // What waits goes on where the result is given, whatever context it came from.
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => source.OnCompleted(continuation, state, token, ValueTaskSourceOnCompletedFlags.None);

    public TResult GetResult(short token)
    {
        try
        {
            return source.GetResult(token);
        }
        finally
        {
            if (token == source.Version && source.GetStatus(token) != ValueTaskSourceStatus.Pending)
            {
                source.Reset();
                Return();
            }
        }
    }

    /// <summary>The result was taken: nothing refers to the call any more.</summary>
    protected abstract void Return();
}
