namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>
/// One request in the pool's queue. It goes on asynchronously: whoever gives a connection back does not run another's request.
/// </summary>
internal sealed class PoolWaiter : TaskCompletionSource<PoolTicket>
{
    public PoolWaiter()
        : base(TaskCreationOptions.RunContinuationsAsynchronously) => Node = new LinkedListNode<PoolWaiter>(this);

    public LinkedListNode<PoolWaiter> Node { get; }
}
