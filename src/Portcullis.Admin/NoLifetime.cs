using Microsoft.Extensions.Hosting;

namespace Portcullis.Admin;

/// <summary>
/// Leaves signals to the process. The web application's usual lifetime takes SIGINT and SIGTERM for itself, and then stops an application that is
/// only a part of the process, or fails its start.
/// </summary>
public sealed class NoLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
