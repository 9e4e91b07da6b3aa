using Portcullis.Trust.Keys;

namespace Portcullis.Trust.Tests.Keys;

public sealed class HandlePoolTests
{
    [Fact]
    public void A_returned_handle_is_rented_again()
    {
        var pool = new HandlePool<Handle>(() => new Handle());
        Assert.True(pool.TryRent(out var first));
        pool.Return(first);
        Assert.True(pool.TryRent(out var second));
        Assert.Same(first, second);
    }

    [Fact]
    public void No_handle_is_rented_twice_at_once()
    {
        var pool = new HandlePool<Handle>(() => new Handle());
        Parallel.For(0, 20_000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            Assert.True(pool.TryRent(out var handle));
            Assert.Equal(1, Interlocked.Increment(ref handle.Users));
            Interlocked.Decrement(ref handle.Users);
            pool.Return(handle);
        });
    }

    [Fact]
    public void More_handles_than_slots_are_disposed_when_they_come_back()
    {
        var pool = new HandlePool<Handle>(() => new Handle());
        var rented = Enumerable.Range(0, (Environment.ProcessorCount * 2) + 5).Select(_ => pool.TryRent(out var handle) ? handle : null!).ToList();
        rented.ForEach(pool.Return);
        Assert.Equal(5, rented.Count(handle => handle.IsDisposed));
    }

    [Fact]
    public void A_closed_pool_rents_nothing_and_disposes_everything()
    {
        var pool = new HandlePool<Handle>(() => new Handle());
        Assert.True(pool.TryRent(out var idle));
        Assert.True(pool.TryRent(out var busy));
        pool.Return(idle);

        pool.Close();

        Assert.True(idle.IsDisposed);
        Assert.False(busy.IsDisposed);
        Assert.False(pool.TryRent(out _));
        pool.Return(busy);
        Assert.True(busy.IsDisposed);
    }

    private sealed class Handle : IDisposable
    {
        public int Users;

        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
