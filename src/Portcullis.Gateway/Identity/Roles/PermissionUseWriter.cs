using Microsoft.Extensions.Logging;

namespace Portcullis.Gateway.Identity.Roles;

/// <summary>
/// Writes the uses of permissions every few seconds, and once more at the end. What can't be written is kept, up to the cap of <see cref="PermissionUses"/>,
/// and tried again. A process that is killed loses the first uses of its last seconds.
/// </summary>
internal sealed partial class PermissionUseWriter : IAsyncDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>The last writing may not hold up the end of the process.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource stopping = new();
    private readonly PermissionUses uses;
    private readonly IPermissionUseStore? store;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly Task running;
    private bool isTold;

    /// <param name="uses">What is to be written.</param>
    /// <param name="store">Where to. Null: nowhere, as without a control plane.</param>
    /// <param name="clock">Says when.</param>
    /// <param name="logger">Is told of the first failure of several.</param>
    public PermissionUseWriter(PermissionUses uses, IPermissionUseStore? store, TimeProvider clock, ILogger<PermissionUseWriter> logger)
    {
        this.uses = uses;
        this.store = store;
        this.clock = clock;
        this.logger = logger;
        running = store is null ? Task.CompletedTask : Task.Run(() => RunAsync(store));
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        stopping.Dispose();
        if (store is null) return;
        using var patience = new CancellationTokenSource(Patience, clock);
        await WriteAsync(store, patience.Token);
    }

    private async Task RunAsync(IPermissionUseStore to)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping.Token)) await WriteAsync(to, stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
    }

    private async Task WriteAsync(IPermissionUseStore to, CancellationToken cancellationToken)
    {
        try
        {
            await uses.FlushAsync(to, cancellationToken);
            if (isTold) LogRecovered(logger);
            isTold = false;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !stopping.IsCancellationRequested || cancellationToken != stopping.Token)
        {
            // Once for each outage.
            if (!isTold) LogFailed(logger, exception.Message);
            isTold = true;
        }
    }

    [LoggerMessage(EventId = 1620, Level = LogLevel.Error, Message = "Uses of permissions can't be recorded: {Reason}. They are kept and tried again; beyond what is kept, access reviews propose nothing for these days.")]
    private static partial void LogFailed(ILogger logger, string reason);

    [LoggerMessage(EventId = 1621, Level = LogLevel.Warning, Message = "Uses of permissions are recorded again")]
    private static partial void LogRecovered(ILogger logger);
}
