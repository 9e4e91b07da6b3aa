using System.CommandLine;
using System.Text.Json;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Policies.Waf.Recording;
using Portcullis.Trust.Keys;

namespace Portcullis.Commands;

/// <summary>
/// <c>waf replay FILE|DIR</c>: recorded requests, or files of raw requests, through the rules of a configuration; prints what changes compared with what was recorded, or
/// with another configuration.
/// </summary>
internal static class WafReplayCommand
{
    public static Command Create()
    {
        var corpus = new Argument<string>("FILE|DIR") { Description = "A record of requests (waf.record), a request in raw HTTP form, or a directory of such" };
        var config = WafCommand.ConfigOption();
        var against = new Option<string?>("--against") { Description = "Compare with this configuration instead of with what was recorded" };
        var output = OutputOption.Create();
        var command = new Command("replay", "Says what a configuration makes of recorded requests that is different from before") { corpus, config, against, output };
        command.SetAction(async (parsed, _) =>
        {
            var error = parsed.InvocationConfiguration.Error;
            var (loaded, trial) = await WafCommand.OpenAsync(parsed.GetRequiredValue(config), error);
            if (trial is null) return 1;
            await using var current = trial;
            FirewallTrial? other = null;
            if (parsed.GetValue(against) is { } second)
            {
                other = (await WafCommand.OpenAsync(second, error)).Trial;
                if (other is null) return 1;
            }

            try
            {
                var path = parsed.GetRequiredValue(corpus);
                if (!Path.Exists(path)) return Complaint.Write(parsed, $"there is nothing at {path}", "name a record of requests, or a directory of requests in raw HTTP form");
                var requests = Read(path, loaded, error);
                return await CompareAsync(requests, current, other, parsed.InvocationConfiguration.Output, parsed.GetValue(output) == OutputOption.Json);
            }
            catch (DataDirectoryException exception)
            {
                return Complaint.Write(parsed, exception.Message, exception.Hint);
            }
            catch (KeyRingException exception)
            {
                return Complaint.Write(parsed, exception.Message, exception.Hint);
            }
            finally
            {
                if (other is not null) await other.DisposeAsync();
            }
        });
        return command;
    }

    private static IEnumerable<(string Name, RecordedRequest Request, bool IsRecorded)> Read(string path, LoadResult loaded, TextWriter error)
    {
        if (File.Exists(path) && RecordFile.IsOne(path))
        {
            var unreadable = 0;
            foreach (var request in WafCommand.ReadRecord(path, loaded))
            {
                if (request is null) unreadable++;
                else yield return (request.RequestId, request, true);
            }

            if (unreadable > 0) error.WriteLine($"warning: {unreadable} requests can't be opened: their key is gone, or the file was changed");
            yield break;
        }

        var files = File.Exists(path) ? [path] : Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();
        foreach (var file in files)
        {
            if (RawRequest.Parse(File.ReadAllBytes(file), out var wrong) is { } request) yield return (Path.GetRelativePath(Directory.Exists(path) ? path : ".", file), request, false);
            else error.WriteLine($"warning: {file}: {wrong}");
        }
    }

    private static async Task<int> CompareAsync(
        IEnumerable<(string Name, RecordedRequest Request, bool IsRecorded)> requests, FirewallTrial current, FirewallTrial? other, TextWriter writer, bool asJson)
    {
        var (total, changed) = (0, 0);
        foreach (var (name, request, isRecorded) in requests)
        {
            total++;
            var now = await current.RunAsync(request);
            var nowRules = now.Waf?.Rules ?? [];
            IReadOnlyList<long> beforeRules = [];
            var wasBlocked = false;
            if (other is not null)
            {
                var then = await other.RunAsync(request);
                (beforeRules, wasBlocked) = (then.Waf?.Rules ?? [], then.IsBlocked);
            }
            else if (isRecorded)
            {
                (beforeRules, wasBlocked) = (request.Rules, request.Code == "waf.blocked");
            }
            else if (nowRules.Count == 0)
            {
                continue;
            }

            var added = nowRules.Except(beforeRules).ToList();
            var gone = beforeRules.Except(nowRules).ToList();
            if (added.Count == 0 && gone.Count == 0 && wasBlocked == now.IsBlocked) continue;

            changed++;
            var verdict = (wasBlocked, now.IsBlocked) switch { (false, true) => "refused now", (true, false) => "passes now", (true, true) => "refused as before", _ => "passes as before" };
            if (asJson) writer.WriteLine(JsonSerializer.Serialize(new { request = name, method = request.Method, target = request.Target, route = now.Route, wasBlocked, isBlocked = now.IsBlocked, added, gone }));
            else writer.WriteLine($"{name}  {request.Method} {Shown(request.Target)}  {verdict}{List("  +", added)}{List("  -", gone)}");
        }

        if (!asJson) writer.WriteLine($"{total} tried, {changed} changed");
        return 0;
    }

    private static string List(string mark, List<long> ids) => ids.Count == 0 ? string.Empty : mark + string.Join(',', ids);

    // Without the query, which may be personal; control characters are none of a target that was recorded, but may be of one in a file.
    private static string Shown(string target)
        => string.Concat(target.TakeWhile(static character => character != '?').Select(static character => char.IsControl(character) ? '\uFFFD' : character));
}
