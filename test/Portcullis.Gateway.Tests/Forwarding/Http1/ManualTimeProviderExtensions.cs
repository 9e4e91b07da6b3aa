namespace Portcullis.Gateway.Tests.Forwarding.Http1;

internal static class ManualTimeProviderExtensions
{
    /// <summary>Moves second by second until <paramref name="task"/> has ended, which it must do while a test has patience.</summary>
    public static async Task AdvanceUntilAsync(this ManualTimeProvider clock, Task task)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!task.IsCompleted && TimeProvider.System.GetElapsedTime(started) < Eventually.Patience)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await task.WaitAsync(Eventually.Patience);
    }
}
