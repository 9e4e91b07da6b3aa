namespace Portcullis.Gateway.Tests.Forwarding;

/// <summary>Waits for what happens on other threads.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

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

    public static Task WithPatience(this Task task) => task.WaitAsync(Patience);

    public static Task<T> WithPatience<T>(this Task<T> task) => task.WaitAsync(Patience);

    public static async Task<string> CodeAsync(this HttpResponseMessage response)
    {
        var body = System.Text.Json.JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return body.RootElement.GetProperty("code").GetString()!;
    }
}
