using Portcullis.EndToEnd.Tests.CoreRuleSet.Agreement;
using Portcullis.EndToEnd.Tests.CoreRuleSet.Oracle;
using Portcullis.EndToEnd.Tests.CoreRuleSet.Running;
using Portcullis.EndToEnd.Tests.CoreRuleSet.Yardsticks;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet;

/// <summary>Steps for a developer, started through <c>crs.sh</c> beside this type; they run only when asked for.</summary>
public sealed class ByHand
{
    /// <summary>Starts a server and leaves it running until the process is stopped.</summary>
    [Fact(Explicit = true)]
    public async Task Serve()
    {
        await using var yardstick = await Yardstick.StartAsync(Settings.Server, Settings.Rules);
        Console.WriteLine($"{yardstick.Endpoint.Name}: http://127.0.0.1:{yardstick.Port}, log {yardstick.Log}, configuration {yardstick.Configuration}");
        await Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken);
    }

    /// <summary>Sends a raw request and prints the status and what was logged.</summary>
    [Fact(Explicit = true)]
    public Task Ask() => WithEndpointAsync(async endpoint =>
    {
        var (response, hits) = await endpoint.AskAsync(await File.ReadAllBytesAsync(Settings.File));
        foreach (var line in hits.Lines) Console.WriteLine(line);
        Console.WriteLine(response.Fault ?? $"status {response.Status}");
        Console.WriteLine(string.Join(' ', hits.Ids));
    });

    /// <summary>Runs the regression tests, prints those that fail and, where a file is named, writes the rule ids of every request to it.</summary>
    [Fact(Explicit = true)]
    public Task Conformance() => WithEndpointAsync(async endpoint =>
    {
        var outcomes = await RegressionRun.RunAsync(endpoint, Settings.Rules.Cases.Value);
        foreach (var outcome in outcomes.Where(outcome => outcome.Failure is not null)) Console.WriteLine(outcome);
        Console.WriteLine($"{endpoint.Name}: {outcomes.Count(outcome => outcome.Failure is null)} of {outcomes.Count} pass");
        if (Environment.GetEnvironmentVariable("PORTCULLIS_CRS_OUT") is { Length: > 0 } file) RuleIdTable.Of(outcomes).Write(file, $"{endpoint.Name}: request, status, rule ids");
    });

    /// <summary>Compares two files of rule ids.</summary>
    [Fact(Explicit = true)]
    public void Compare()
    {
        var comparison = RuleIdComparison.Of(RuleIdTable.Read(Settings.File), RuleIdTable.Read(Settings.Out));
        foreach (var difference in comparison.Differences) Console.WriteLine(difference);
        Console.WriteLine($"{comparison.Count - comparison.Differences.Count} of {comparison.Count} requests have the same rules: {comparison.Share:P2}");
    }

    /// <summary>Writes every request of the regression tests to a folder, as it is sent.</summary>
    [Fact(Explicit = true)]
    public void Requests()
    {
        var folder = Directory.CreateDirectory(Settings.Out).FullName;
        foreach (var each in Settings.Rules.Cases.Value)
        {
            for (var i = 0; i < each.Stages.Count; i++) File.WriteAllBytes(Path.Combine(folder, i == 0 ? each.Id : $"{each.Id}.{i + 1}"), each.Stages[i].Request);
        }
    }

    /// <summary>Sends mutated requests to a firewall and to both yardsticks, and writes the differences to a folder.</summary>
    [Fact(Explicit = true)]
    public Task Agree() => WithEndpointAsync(async endpoint =>
    {
        await using var apache = await Yardstick.StartAsync(ServerKind.Apache, Settings.Rules);
        await using var nginx = await Yardstick.StartAsync(ServerKind.Nginx, Settings.Rules);
        var result = await AgreementRun.RunAsync(endpoint, [apache.Endpoint, nginx.Endpoint], Settings.Rules, Settings.Seed, Settings.Count);
        AgreementReport.Write(result, Settings.Out);
        Console.WriteLine(result);
    });

    private static async Task WithEndpointAsync(Func<IWafEndpoint, Task> step)
    {
        if (Settings.Endpoint() is { } running)
        {
            await step(running);
            return;
        }

        await using var yardstick = await Yardstick.StartAsync(Settings.Server, Settings.Rules);
        await step(yardstick.Endpoint);
    }
}
