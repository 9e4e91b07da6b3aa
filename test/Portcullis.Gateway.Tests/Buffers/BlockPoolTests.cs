using System.Collections.Concurrent;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.Tests.Forwarding;

namespace Portcullis.Gateway.Tests.Buffers;

public sealed class BlockPoolTests
{
    private readonly ManualTimeProvider clock = new();

    [Fact]
    public void Returned_block_is_rented_again()
    {
        var pool = new BlockPool(4096, 64, clock);
        var block = pool.RentBlock();
        block.Dispose();
        Assert.Equal(1, pool.Free);
        Assert.Same(block, pool.RentBlock());
        Assert.Equal(0, pool.Free);
    }

    [Fact]
    public void Block_that_is_returned_twice_is_rented_once()
    {
        var pool = new BlockPool(4096, 64, clock);
        var block = pool.RentBlock();
        block.Dispose();
        block.Dispose();
        Assert.NotSame(pool.RentBlock(), pool.RentBlock());
    }

    [Fact]
    public void Block_is_as_long_as_the_pool_says_whatever_is_asked_for()
    {
        var pool = new BlockPool(4096, 64, clock);
        foreach (var asked in (int[])[-1, 0, 1, 4096])
        {
            using var owner = pool.Rent(asked);
            Assert.Equal(4096, owner.Memory.Length);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(4097));
    }

    [Fact]
    public void Blocks_beyond_the_cap_are_not_kept()
    {
        var pool = new BlockPool(16, 64, clock);
        var blocks = Enumerable.Range(0, 1000).Select(_ => pool.RentBlock()).ToList();
        blocks.ForEach(block => block.Dispose());
        Assert.InRange(pool.Free, 1, 64);
    }

    [Fact]
    public void Disposing_a_pool_that_is_everybodys_changes_nothing()
    {
        var pool = new BlockPool(4096, 64, clock);
        pool.RentBlock().Dispose();
        pool.Dispose();
        Assert.Equal(1, pool.Free);
        pool.RentBlock().Dispose();
    }

    [Fact]
    public void Unused_blocks_go_in_time_and_used_ones_stay()
    {
        var pool = new BlockPool(16, 6400, clock);
        var blocks = Enumerable.Range(0, 100).Select(_ => pool.RentBlock()).ToList();
        blocks.ForEach(block => block.Dispose());
        clock.Advance(BlockPool.TrimInterval);
        Assert.Equal(100, pool.Free);
        clock.Advance(BlockPool.TrimInterval);
        Assert.InRange(pool.Free, 40, 60);
        for (var i = 0; i < 12; i++) clock.Advance(BlockPool.TrimInterval);
        Assert.Equal(0, pool.Free);
    }

    [Fact]
    public async Task No_block_is_ever_with_two_renters()
    {
        var pool = new BlockPool(16, 64, clock);
        var renters = new ConcurrentDictionary<Block, int>();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            var held = new Queue<Block>();
            for (var i = 0; i < 20_000; i++)
            {
                var block = pool.RentBlock();
                Assert.True(renters.TryAdd(block, worker));
                held.Enqueue(block);
                if (held.Count <= i % 7) continue;
                var done = held.Dequeue();
                Assert.True(renters.TryRemove(done, out _));
                done.Dispose();
            }
        })));
    }

    [Theory]
    [InlineData(1, 4096)]
    [InlineData(4096, 4096)]
    [InlineData(4097, 16384)]
    [InlineData(16384, 16384)]
    [InlineData(16385, 32768)]
    public void Arrays_come_from_the_smallest_blocks_that_do(int asked, int length)
    {
        var rented = RentedArray.Rent(asked);
        Assert.Equal(length, rented.Array!.Length);
        rented.Return();
        Assert.Null(rented.Array);
        rented.Return();
    }
}
