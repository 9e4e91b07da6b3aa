using Microsoft.Extensions.ObjectPool;

namespace Portcullis.Gateway.Forwarding;

/// <summary>Keeps <see cref="ForwardState"/>s for reuse: as many as requests are commonly in flight, further ones are dropped.</summary>
internal sealed class ForwardStatePool(TimeProvider clock)
{
    private const int Kept = 1024;

    private readonly DefaultObjectPool<ForwardState> pool = new(new Policy(clock), Kept);

    public ForwardState Get() => pool.Get();

    /// <summary>Takes one back; nothing may use it any more.</summary>
    public void Return(ForwardState state) => pool.Return(state);

    private sealed class Policy(TimeProvider clock) : PooledObjectPolicy<ForwardState>
    {
        public override ForwardState Create() => new(clock);

        public override bool Return(ForwardState obj)
        {
            obj.Reset();
            return true;
        }
    }
}
