using System.Text.Json;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Running;

/// <summary>
/// The gateway's decision log: one JSON object per line, with <c>requestId</c> (also the response's <c>X-Request-Id</c>), <c>waf.rules</c> (ids in order of hit) and,
/// where the log says more, <c>waf.hits</c> (<c>id</c>, <c>message</c>, <c>data</c>).
/// </summary>
internal sealed class DecisionLog(string file) : IRuleLog
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    /// <summary>How long a request that got no id may take to appear.</summary>
    private static readonly TimeSpan NamelessPatience = TimeSpan.FromMilliseconds(500);

    private long position;

    public Task BeginAsync(string mark)
    {
        position = File.Exists(file) ? new FileInfo(file).Length : 0;
        return Task.CompletedTask;
    }

    public async Task<RuleHits> EndAsync(string mark, RawResponse response)
    {
        var id = response.Header("X-Request-Id");
        var until = Environment.TickCount64 + (long)(id is null ? NamelessPatience : RawHttpClient.Patience).TotalMilliseconds;
        using var timer = new PeriodicTimer(Interval);
        do
        {
            foreach (var line in await ReadAsync())
            {
                using var document = JsonDocument.Parse(line);
                if (id is null || document.RootElement.GetProperty("requestId").GetString() == id) return Hits(document.RootElement);
            }

            await timer.WaitForNextTickAsync();
        }
        while (Environment.TickCount64 < until);
        return id is null ? RuleHits.None : throw new InvalidOperationException($"Request {id} does not appear in {file}");
    }

    private static RuleHits Hits(JsonElement line)
    {
        if (!line.TryGetProperty("waf", out var waf) || waf.ValueKind != JsonValueKind.Object) return RuleHits.None;
        if (waf.TryGetProperty("hits", out var hits)) return RuleHits.FromRules(hits.EnumerateArray().Select(hit => (hit.GetProperty("id").GetInt32(), Text(hit, "msg"), Text(hit, "data"))));
        return RuleHits.FromRules(waf.GetProperty("rules").EnumerateArray().Select(rule => (rule.GetInt32(), string.Empty, string.Empty)));
    }

    private static string Text(JsonElement hit, string name) => hit.TryGetProperty(name, out var value) ? value.GetString() ?? string.Empty : string.Empty;

    /// <summary>The whole lines since the request began.</summary>
    private async Task<string[]> ReadAsync()
    {
        if (!File.Exists(file)) return [];
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Position = position;
        using var reader = new StreamReader(stream);
        var text = await reader.ReadToEndAsync();
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
