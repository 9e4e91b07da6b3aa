namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>
/// One request in the pool's queue. It goes on asynchronously: whoever gives a connection back does not run another's request.
/// </summary>
internal sealed class PoolWaiter : TaskCompletionSource<PoolTicket>
{
    /// <param name="fresh">No connection that was used before will do.</param>
    public PoolWaiter(bool fresh)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        Fresh = fresh;
        Node = new LinkedListNode<PoolWaiter>(this);
    }

    public bool Fresh { get; }

    public LinkedListNode<PoolWaiter> Node { get; }
}
