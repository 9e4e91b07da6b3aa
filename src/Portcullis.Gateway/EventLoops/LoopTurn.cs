using System.Runtime.CompilerServices;

namespace Portcullis.Gateway.EventLoops;

/// <summary>
/// Goes on when the loop has told all events at hand, with as little such work in a turn as <see cref="EventLoop"/> allows: for handshakes,
/// each of which costs as much as a dozen requests, so that a flood of them holds up no request. On other threads goes on at once.
/// </summary>
internal readonly struct LoopTurn : ICriticalNotifyCompletion
{
    public bool IsCompleted => EventLoop.Current is null;

    /// <summary>To be awaited.</summary>
    public static LoopTurn TakeAsync() => default;

    public LoopTurn GetAwaiter() => this;

    public void GetResult()
    {
        // There is none.
    }

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation) => EventLoop.Current!.RunInTurn(continuation);
}
