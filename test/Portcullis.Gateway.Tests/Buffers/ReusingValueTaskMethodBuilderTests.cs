using System.Runtime.CompilerServices;
using Portcullis.Gateway.Buffers;

namespace Portcullis.Gateway.Tests.Buffers;

public sealed class ReusingValueTaskMethodBuilderTests
{
    private static readonly AsyncLocal<int> Local = new();

    [Fact]
    public async Task Result_arrives_with_and_without_a_wait()
    {
        Assert.Equal(1, await AddAsync(0, Task.CompletedTask));
        for (var i = 0; i < 100; i++)
        {
            var go = new TaskCompletionSource();
            var call = AddAsync(i, go.Task);
            Assert.False(call.IsCompleted);
            go.SetResult();
            Assert.Equal(i + 1, await call);
        }
    }

    [Fact]
    public async Task Exceptions_arrive_with_and_without_a_wait()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await FailAsync(Task.CompletedTask));
        var go = new TaskCompletionSource();
        var call = FailAsync(go.Task);
        go.SetResult();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await call);
        Assert.Equal(3, await AddAsync(2, Task.CompletedTask));
    }

    [Fact]
    public async Task Result_is_taken_once()
    {
        var go = new TaskCompletionSource();
        var call = AddAsync(1, go.Task);
        go.SetResult();
        Assert.Equal(2, await call);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await call);
    }

    [Fact]
    public async Task Many_calls_at_once_keep_apart()
    {
        for (var round = 0; round < 20; round++)
        {
            var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var calls = Enumerable.Range(0, 500).Select(i => NestAsync(i, go.Task).AsTask()).ToList();
            go.SetResult();
            var results = await Task.WhenAll(calls);
            Assert.Equal(Enumerable.Range(0, 500).Select(i => (i * 2) + 2), results);
        }
    }

    [Fact]
    public async Task Execution_context_does_not_flow_over_waits()
    {
        Local.Value = 7;
        var go = new TaskCompletionSource();
        var call = ReadLocalAsync(go.Task);
        await Task.Run(() =>
        {
            Local.Value = 9;
            go.SetResult();
        });
        Assert.Equal((7, 9), await call);
    }

    [Fact]
    public async Task Waiting_calls_allocate_nothing_however_many_there_are()
    {
        const int many = 256;
        var gate = new Gate[many];
        var calls = new ValueTask<int>[many];
        for (var i = 0; i < many; i++) gate[i] = new Gate();
        var allocated = 0L;
        for (var round = 0; round < 3; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
#pragma warning disable CA2012 // Each is awaited once, below.
            for (var i = 0; i < many; i++) calls[i] = PassAsync(gate[i]);
#pragma warning restore CA2012
            for (var i = 0; i < many; i++) gate[i].Open();
            for (var i = 0; i < many; i++) Assert.True(calls[i].IsCompletedSuccessfully);
            for (var i = 0; i < many; i++) await calls[i];
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

#if DEBUG
        // There the compiler's state machines are classes.
        Assert.InRange(allocated, 1, many * 200);
#else
        Assert.Equal(0, allocated);
#endif
    }

    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private static async ValueTask<int> AddAsync(int number, Task before)
    {
        await before;
        return number + 1;
    }

    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private static async ValueTask<int> FailAsync(Task before)
    {
        await before;
        throw new InvalidOperationException("as meant");
    }

    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private static async ValueTask<int> NestAsync(int number, Task before)
    {
        var first = await AddAsync(number, before);
        await Task.Yield();
        return first + await AddAsync(number, Task.CompletedTask);
    }

    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private static async ValueTask<(int Before, int After)> ReadLocalAsync(Task before)
    {
        var first = Local.Value;
        await before;
        return (first, Local.Value);
    }

    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private static async ValueTask<int> PassAsync(Gate gate)
    {
        await gate;
        return 1;
    }

    private sealed class Gate : ICriticalNotifyCompletion
    {
        private Action? waiting;

        public bool IsCompleted => false;

        public Gate GetAwaiter() => this;

        public void GetResult()
        {
        }

        public void Open() => waiting!();

        public void OnCompleted(Action continuation) => waiting = continuation;

        public void UnsafeOnCompleted(Action continuation) => waiting = continuation;
    }
}
