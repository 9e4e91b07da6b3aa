using System.Text;
using Portcullis.EndToEnd.Tests.CoreRuleSet.Yardsticks;
using Portcullis.Waf;
using Portcullis.Waf.Engine;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Running;

/// <summary>
/// The engine alone, in this process: what it says of a request whose HTTP nobody minds. It refuses only what no server could read, so tests that expect
/// a server to refuse fail with it.
/// </summary>
internal sealed class EngineEndpoint : IWafEndpoint
{
    private readonly RuleSet rules;
    private readonly TransactionSettings settings;

    public EngineEndpoint(RuleSource source)
    {
        using var directory = new TemporaryDirectory();
        var result = RuleSet.Load([ServerFiles.WriteRules(directory, source)], directory.Path);
        Assert.True(result.Errors.Count == 0, string.Join('\n', result.Errors));
        rules = result.RuleSet!;
        settings = rules.Prepare(new() { Mode = EngineMode.DetectionOnly }, out var errors)!;
        Assert.Empty(errors);
        Name = $"engine {source.Name}";
    }

    public string Name { get; }

    public Task<(RawResponse Response, RuleHits Hits)> AskAsync(byte[] request)
    {
        var read = ReceivedRequest.Read(request);
        if (read is null) return Task.FromResult((new RawResponse(400, "HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), null), RuleHits.None));

        using var transaction = rules.Begin(settings);
        transaction.Connection("127.0.0.1"u8, 40_000, "127.0.0.1"u8, 80);
        transaction.Identify("test"u8);
        transaction.RequestLine(read.Method, read.Target, read.Version);
        foreach (var (name, value) in read.Headers) transaction.RequestHeader(name, value);
        transaction.ProcessRequestHeaders();
        if (transaction.WantsRequestBody && read.Body.Length > 0) transaction.AppendRequestBody(read.Body);
        transaction.ProcessRequestBody();

        var answer = read.IsReflection ? ReflectedAnswer.Parse(read.Body) : ReflectedAnswer.Empty;
        transaction.ResponseStatus(answer.Status, "HTTP/1.1"u8);
        foreach (var (name, value) in answer.AllHeaders) transaction.ResponseHeader(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
        transaction.ProcessResponseHeaders();
        if (transaction.WantsResponseBody) transaction.AppendResponseBody(answer.Body);
        transaction.ProcessResponseBody();
        transaction.ProcessLogging();
        Assert.True(transaction.Fault == EngineFault.None, $"the engine failed: {transaction.Fault}");

        var hits = RuleHits.FromRules([.. transaction.Hits.Select(hit => ((int)hit.RuleId, hit.Message ?? string.Empty, hit.Data ?? string.Empty))]);
        return Task.FromResult((new RawResponse(answer.Status, answer.Body, null), hits));
    }
}
