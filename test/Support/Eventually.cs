using System.Text.Json;

namespace Portcullis.Testing;

/// <summary>Waits for what happens on other threads and in other processes.</summary>
internal static class Eventually
{
    /// <summary>Far longer than anything takes on a busy machine: only a test that fails waits so long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Yields until the condition holds; fails after <see cref="Patience"/>.</summary>
    public static async Task HoldsAsync(Func<bool> condition, string what)
    {
        var until = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < until, "never happened: " + what);
            await Task.Yield();
        }
    }

    /// <summary>Asks, a few times a second, until the condition holds; fails after <see cref="Patience"/>.</summary>
    public static async Task HoldsAsync(Func<Task<bool>> condition, string what)
    {
        var until = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        using var timer = new PeriodicTimer(Interval);
        while (!await condition())
        {
            Assert.True(Environment.TickCount64 < until, "never happened: " + what);
            await timer.WaitForNextTickAsync();
        }
    }

    public static Task WithPatience(this Task task) => task.WaitAsync(Patience);

    public static Task<T> WithPatience<T>(this Task<T> task) => task.WaitAsync(Patience);

    /// <summary>The public code of a refusal.</summary>
    public static async Task<string> CodeAsync(this HttpResponseMessage response)
    {
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return body.RootElement.GetProperty("code").GetString()!;
    }
}
