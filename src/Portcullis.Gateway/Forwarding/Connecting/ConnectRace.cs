using System.Net;

namespace Portcullis.Gateway.Forwarding.Connecting;

/// <summary>
/// Tries several addresses (RFC 8305 §5): the next one starts when the last has failed or has been silent for
/// <see cref="Stagger"/>. The first connection wins; the others are cancelled and closed.
/// </summary>
internal sealed class ConnectRace(
    TimeProvider clock,
    Func<IPAddress, CancellationToken, ValueTask<ConnectResult>> connect,
    CancellationToken cancellationToken) : IDisposable
{
    /// <summary>The Connection Attempt Delay that RFC 8305 §5 recommends.</summary>
    public static readonly TimeSpan Stagger = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

    public async ValueTask<ConnectResult> RunAsync(List<IPAddress> addresses)
    {
        var running = new List<Task<ConnectResult>>(addresses.Count);
        try
        {
            return await RunAsync(addresses, running);
        }
        finally
        {
            await CloseAsync(running);
        }
    }

    public void Dispose() => stop.Dispose();

    private async ValueTask<ConnectResult> RunAsync(List<IPAddress> addresses, List<Task<ConnectResult>> running)
    {
        var next = 0;
        var last = ConnectResult.Failed(ForwardError.Connect, "no address to try");
        while (true)
        {
            if (next < addresses.Count) running.Add(connect(addresses[next++], stop.Token).AsTask());
            if (running.Count == 0) return last;

            await WaitAsync(running, mayStagger: next < addresses.Count);
            for (var i = running.Count - 1; i >= 0; i--)
            {
                if (!running[i].IsCompleted) continue;
                var ended = running[i];
                running.RemoveAt(i);
                last = await ended;
                if (last.Socket is not null) return last;
            }
        }
    }

    private async Task WaitAsync(List<Task<ConnectResult>> running, bool mayStagger)
    {
        var any = Task.WhenAny(running);
        if (!mayStagger)
        {
            await any;
            return;
        }

        try
        {
            await any.WaitAsync(Stagger, clock);
        }
        catch (TimeoutException)
        {
            // Silent: the next address starts beside it.
        }
    }

    /// <summary>Cancelled attempts end at once; one that connected in the same moment is closed again.</summary>
    private async Task CloseAsync(List<Task<ConnectResult>> running)
    {
        if (running.Count == 0) return;
        await stop.CancelAsync();
        foreach (var attempt in running)
        {
            await ((Task)attempt).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (attempt.IsCompletedSuccessfully) (await attempt).Socket?.Dispose();
        }
    }
}
