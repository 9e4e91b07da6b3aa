using System.IO.Pipelines;

namespace Portcullis.Gateway.Forwarding.Health;

/// <summary>
/// Asks a destination for its health path, again and again, over the connections real requests use. The first check runs at
/// once; pauses vary by a tenth, so that nodes and destinations do not fall into step.
/// </summary>
internal sealed class ActiveCheck(Destination destination, DestinationServices services) : IDisposable
{
    /// <summary>A body that takes longer is not read; its connection is closed.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private CancellationTokenSource? running;

    /// <summary>Starts or ends the checks as the destination's options say.</summary>
    public void Update()
    {
        var isWanted = destination.Options.Health.Path is not null;
        lock (gate)
        {
            if (isWanted == running is not null) return;
            if (isWanted)
            {
                running = new CancellationTokenSource();
                _ = RunAsync(running.Token);
                return;
            }
        }

        Stop();
        destination.Health.ForgetChecks(services.Clock.GetTimestamp(), destination.Options.Health);
    }

    /// <summary>Ends the checks; <see cref="Update"/> may start them again.</summary>
    public void Stop()
    {
        lock (gate)
        {
            running?.Cancel();
            running?.Dispose();
            running = null;
        }
    }

    public void Dispose() => Stop();

    private async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                await services.CheckSlots.WaitAsync(stop);
                CheckResult result;
                try
                {
                    result = await CheckAsync(stop);
                }
                finally
                {
                    services.CheckSlots.Release();
                }

                if (stop.IsCancellationRequested) return;
                Report(result);
                await Task.Delay(destination.Options.Health.Interval * (0.9 + (Random.Shared.NextDouble() * 0.2)), services.Clock, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped.
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The destination keeps the state it has; nobody would find out otherwise that it is not checked any more.
            ForwardingLog.ChecksEnded(services.Logger, e, destination.Cluster, destination.Name);
        }
    }

    private void Report(in CheckResult result)
    {
        if (result.Passed is not { } passed) return;
        switch (destination.Health.ReportCheck(passed, services.Clock.GetTimestamp(), destination.Options.Health))
        {
            case true:
                ForwardingLog.Healthy(services.Logger, destination.Cluster, destination.Name);
                break;
            case false:
                ForwardingLog.Unhealthy(services.Logger, destination.Cluster, destination.Name, result.Failure!);
                break;
        }
    }

    private async ValueTask<CheckResult> CheckAsync(CancellationToken stop)
    {
        var options = destination.Options.Health;
        var request = new UpstreamRequest { Method = "GET", Target = options.Path ?? "/", Host = destination.Endpoint.Authority };
        request.Fields.Add(new("User-Agent", "portcullis-health"));
        request.Fields.Add(new("Accept", "*/*"));
        using var deadline = new CancellationTokenSource(options.Timeout, services.Clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stop);
        try
        {
            var result = await destination.Transport.SendAsync(request, linked.Token);
            if (result.Response is not { } response)
            {
                // No room in the gateway's own pool says nothing about the destination.
                return result.Error == ForwardError.PoolExhausted ? default : CheckResult.Failed($"{result.Error}: {result.Cause}");
            }

            await using (response)
            {
                if (response.StatusCode is < 200 or > 399) return CheckResult.Failed($"status {response.StatusCode}");
                var ended = response.ContentLength is null or <= 64 * 1024
                    ? await response.CopyBodyAsync(PipeWriter.Create(Stream.Null), DrainTime, linked.Token)
                    : default;
                return ended.Error is ForwardError.None or ForwardError.ClientAborted or ForwardError.ResponseIdle
                    ? CheckResult.Success
                    : CheckResult.Failed(ended.Error.ToString());
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            if (!stop.IsCancellationRequested) ForwardingLog.CheckFailed(services.Logger, e, destination.Cluster, destination.Name);
            return CheckResult.Failed(e.GetType().Name);
        }
    }

    /// <summary>What a check found out; by default nothing.</summary>
    private readonly record struct CheckResult(bool? Passed, string? Failure)
    {
        public static CheckResult Success => new(true, null);

        public static CheckResult Failed(string failure) => new(false, failure);
    }
}
