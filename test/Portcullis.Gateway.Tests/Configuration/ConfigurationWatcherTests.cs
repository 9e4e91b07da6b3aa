using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Policies;
using Portcullis.Gateway.Tests.Forwarding;

namespace Portcullis.Gateway.Tests.Configuration;

public sealed class ConfigurationWatcherTests : IAsyncLifetime
{
    private readonly TemporaryDirectory directory = new();
    private readonly ManualTimeProvider clock = new();
    private readonly SemaphoreSlim calls = new(0);
    private ConfigurationWatcher? watcher;
    private Func<Task> whenCalled = () => Task.CompletedTask;

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        if (watcher is not null) await watcher.DisposeAsync();
        directory.Dispose();
        calls.Dispose();
    }

    [Fact]
    public async Task A_written_file_is_noticed()
    {
        var file = directory.Write("portcullis.yaml", "a");
        Watch(file);

        File.WriteAllText(file, "b");

        await Called();
    }

    [Fact]
    public async Task A_file_that_is_replaced_by_rename_is_noticed()
    {
        var file = directory.Write("portcullis.yaml", "a");
        Watch(file);

        File.Move(directory.Write("portcullis.yaml.tmp", "b"), file, overwrite: true);

        await Called();
    }

    [Fact]
    public async Task A_swapped_directory_link_is_noticed_as_kubernetes_does_it()
    {
        var move = Requirement.Tool("mv", "coreutils");
        directory.Write("..1/portcullis.yaml", "a");
        directory.Write("..2/portcullis.yaml", "b");
        var data = Path.Combine(directory.Path, "..data");
        Directory.CreateSymbolicLink(data, "..1");
        var file = Path.Combine(directory.Path, "portcullis.yaml");
        File.CreateSymbolicLink(file, "..data/portcullis.yaml");
        Watch(file);

        Directory.CreateSymbolicLink(data + "_tmp", "..2");
        await Process.Start(move, ["-T", data + "_tmp", data]).WaitForExitAsync(); // rename(2) over a link, which File.Move does not do

        await Called();
    }

    [Fact]
    public async Task A_file_that_appears_or_goes_is_noticed()
    {
        var file = Path.Combine(directory.Path, "later", "portcullis.yaml");
        Watch(file);

        directory.Write("later/portcullis.yaml", "a");
        await Called();

        File.Delete(file);
        await Called();
    }

    [Fact]
    public async Task A_file_that_is_filled_in_is_watched_too()
    {
        var secret = directory.Write("secrets/password", "one");
        var file = directory.Write("portcullis.yaml", Load.Minimal + "telemetry: { decisionLog: \"${file:secrets/password}\" }\n");
        Watch(file);
        watcher!.Loaded(Loaded(file));

        File.WriteAllText(secret, "two");

        await Called();
    }

    [Fact]
    public async Task A_change_between_loading_and_watching_is_noticed()
    {
        var file = directory.Write("portcullis.yaml", Load.Minimal);
        var loaded = Loaded(file);
        File.WriteAllText(file, Load.Minimal + "shutdownTimeout: 5s\n");
        Watch(file);

        watcher!.Loaded(loaded);

        await Called();
    }

    [Fact]
    public async Task A_touch_without_a_change_calls_nobody()
    {
        var file = directory.Write("portcullis.yaml", "a");
        Watch(file);

        File.WriteAllText(file, "a");
        File.SetLastWriteTimeUtc(file, new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        for (var look = 0; look < 5; look++) await NextLook();

        Assert.Equal(0, calls.CurrentCount);
    }

    [Fact]
    public async Task A_burst_of_writes_is_one_call_with_the_last_content()
    {
        var file = directory.Write("portcullis.yaml", "0");
        var seen = new List<string>();
        whenCalled = () =>
        {
            seen.Add(File.ReadAllText(file));
            return Task.CompletedTask;
        };
        Watch(file);

        for (var i = 1; i <= 50; i++) File.WriteAllText(file, $"{i}");
        await Called();

        for (var look = 0; look < 5; look++) await NextLook();
        Assert.Equal(["50"], seen);
    }

    [Fact]
    public async Task A_failing_reload_does_not_end_the_watch()
    {
        var file = directory.Write("portcullis.yaml", "a");
        whenCalled = () => throw new InvalidOperationException("broken");
        Watch(file);

        File.WriteAllText(file, "b");
        await Called();
        File.WriteAllText(file, "c");
        await Called();
    }

    [Fact]
    public async Task Reload_now_calls_without_a_change()
    {
        Watch(directory.Write("portcullis.yaml", "a"));

        watcher!.ReloadNow();

        Assert.True(await calls.WaitAsync(Eventually.Patience));
    }

    private static LoadResult Loaded(string file) => new ConfigurationLoader(PolicyKinds.All, new Dictionary<string, string>()).LoadFile(file);

    private void Watch(string file)
    {
        watcher = new ConfigurationWatcher(
            file,
            async _ =>
            {
                calls.Release();
                await whenCalled();
            },
            clock,
            NullLogger.Instance);
        watcher.Start();
    }

    // Whether an event or a poll notices first, the clock has to move for either; it does until the call comes.
    private async Task Called()
    {
        using var deadline = new CancellationTokenSource(Eventually.Patience);
        while (!await calls.WaitAsync(TimeSpan.FromMilliseconds(5), deadline.Token)) clock.Advance(ConfigurationWatcher.PollInterval);
    }

    // Lets the watcher come to wait, then moves past its next look.
    private async Task NextLook()
    {
        using var deadline = new CancellationTokenSource(Eventually.Patience);
        while (clock.ArmedTimers == 0)
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        clock.Advance(ConfigurationWatcher.PollInterval);
    }
}
