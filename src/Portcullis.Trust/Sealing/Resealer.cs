using System.Security.Cryptography;

namespace Portcullis.Trust.Sealing;

/// <summary>
/// Seals stored values anew under the active key after a rotation, so that retired keys can be destroyed without loss. Works in batches with
/// pauses, beside everything else. It keeps no place of its own: what has been done does not begin with an old key's id any more, so a
/// process that stops is continued by the next one, and several at once only overtake each other.
/// </summary>
/// <param name="sealer">Opens the old values and seals the new ones.</param>
/// <param name="clock">For the pauses.</param>
public sealed class Resealer(Sealer sealer, TimeProvider clock)
{
    /// <summary>Values read at a time.</summary>
    public int BatchSize { get; init; } = 200;

    /// <summary>Rest after each batch, so that the database serves others in between.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Walks one store to its end. <paramref name="progress"/> is told after each batch.</summary>
    /// <exception cref="InvalidOperationException">The store hands out the same values again and again.</exception>
    public async Task<ResealReport> RunAsync(ISealedStore store, IProgress<ResealReport>? progress = null, CancellationToken cancellationToken = default)
    {
        var report = new ResealReport(store.Name, 0, 0, 0, 0, IsDone: false);
        string? after = null;
        while (true)
        {
            // Anew for each batch: a rotation on the way must not have values sealed under what is retired by then.
            var batch = await store.ReadStaleAsync(sealer.CurrentPrefix(), after, BatchSize, cancellationToken);
            if (batch.Count == 0)
                break;
            if (batch[^1].Position == after)
                throw new InvalidOperationException($"{store.Name} hands out what is behind {after} again.");
            foreach (var value in batch)
                report = await ResealAsync(store, value, report, cancellationToken);
            after = batch[^1].Position;
            progress?.Report(report);
            await Task.Delay(Pause, clock, cancellationToken);
        }

        report = report with { IsDone = true };
        progress?.Report(report);
        return report;
    }

    /// <summary>
    /// Runs until cancelled: walks all stores at the start and whenever the active key is another one, until nothing stale is found. A store that fails is told to
    /// <paramref name="failed"/> and tried again at the next look; the others are walked all the same.
    /// </summary>
    /// <param name="stores">What to walk, in this order.</param>
    /// <param name="interval">Time between two looks at the ring.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="failed">Told what failed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task WatchAsync(
        IReadOnlyList<ISealedStore> stores, TimeSpan interval, IProgress<ResealReport>? progress, Action<ISealedStore, Exception> failed, CancellationToken cancellationToken)
    {
        var done = new byte[stores.Count][];
        using var timer = new PeriodicTimer(interval, clock);
        try
        {
            do
            {
                for (var i = 0; i < stores.Count; i++)
                {
                    try
                    {
                        var prefix = sealer.CurrentPrefix();
                        if (done[i].AsSpan().SequenceEqual(prefix))
                            continue;

                        // A node that learnt of the rotation late may have sealed under the old key behind our back: done is what a whole walk found nothing in.
                        var report = await RunAsync(stores[i], progress, cancellationToken);
                        if (report.Resealed + report.Overtaken == 0)
                            done[i] = prefix;
                    }
                    catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
                    {
                        failed(stores[i], exception);
                    }
                }
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The owner stops.
        }
    }

    private async ValueTask<ResealReport> ResealAsync(ISealedStore store, SealedValue value, ResealReport report, CancellationToken cancellationToken)
    {
        switch (sealer.Open(value.Envelope.Span, value.Context, out var plaintext))
        {
            case UnsealOutcome.Opened:
                var resealed = sealer.Seal(plaintext, value.Context);
                CryptographicOperations.ZeroMemory(plaintext);
                return await store.TryReplaceAsync(value, resealed, cancellationToken)
                    ? report with { Resealed = report.Resealed + 1 }
                    : report with { Overtaken = report.Overtaken + 1 };
            case UnsealOutcome.UnknownKey:
                return report with { Lost = report.Lost + 1 };
            default:
                return report with { Damaged = report.Damaged + 1 };
        }
    }
}
