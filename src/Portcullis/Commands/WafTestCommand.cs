using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Policies.Waf.Recording;
using Portcullis.Gateway.Telemetry;
using Portcullis.Trust.Keys;

namespace Portcullis.Commands;

/// <summary><c>waf test FILE|REQUEST-ID</c>: one request through the rules of its route; every match, and the narrowest exclusion.</summary>
internal static class WafTestCommand
{
    private const string MatchedBefore = "MATCHED_VARS:";

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var request = new Argument<string>("FILE|REQUEST-ID") { Description = "A request in raw HTTP form, or the id of a recorded one" };
        var config = WafCommand.ConfigOption();
        var output = OutputOption.Create();
        var command = new Command("test", "Puts one request through the rules of its route, prints every match and proposes the narrowest exclusion") { request, config, output };
        command.SetAction(async (parsed, _) =>
        {
            var (loaded, trial) = await WafCommand.OpenAsync(parsed.GetRequiredValue(config), parsed.InvocationConfiguration.Error);
            if (trial is null) return 1;
            await using (trial)
            {
                var (found, problem, hint) = Find(parsed.GetRequiredValue(request), loaded);
                if (found is null) return Complaint.Write(parsed, problem!, hint!);

                var outcome = await trial.RunAsync(found);
                var proposals = Proposals(outcome, trial);
                if (parsed.GetValue(output) == OutputOption.Json) WriteJson(parsed.InvocationConfiguration.Output, outcome, proposals);
                else WriteText(parsed.InvocationConfiguration.Output, outcome, proposals);
                return outcome.IsBlocked || outcome.Code is not null ? 1 : 0;
            }
        });
        return command;
    }

    private static (RecordedRequest? Request, string? Problem, string? Hint) Find(string named, LoadResult loaded)
    {
        if (File.Exists(named))
        {
            var parsed = RawRequest.Parse(File.ReadAllBytes(named), out var error);
            return (parsed, $"{named}: {error}", "write request line, fields, an empty line and the body, as they are sent");
        }

        if (named.Length != 32 || !named.All(char.IsAsciiHexDigitLower)) return (null, $"there is no file {named}, and it is no request id", "name a file with a request in raw HTTP form");
        if (loaded.Bound.Waf.Record is not { } record || !File.Exists(record.Path)) return (null, "no requests are recorded", "add waf: { record: { path: … } } to the configuration, and send the request again");
        try
        {
            var requests = WafCommand.ReadRecord(record.Path, loaded);
            return (requests.Find(request => request?.RequestId == named), $"request {named} is not recorded", "only a share of the requests is: see waf.record.sample");
        }
        catch (DataDirectoryException exception)
        {
            return (null, exception.Message, exception.Hint);
        }
        catch (KeyRingException exception)
        {
            return (null, exception.Message, exception.Hint);
        }
    }

    // One for each rule and variable that matched in the request itself: what the last rules count is no match of its own.
    private static List<(long Rule, string? Target)> Proposals(TrialOutcome outcome, FirewallTrial trial)
    {
        var proposals = new List<(long, string?)>();
        foreach (var hit in outcome.Waf?.Hits ?? [])
        {
            if (hit.Variable.StartsWith("TX:", StringComparison.OrdinalIgnoreCase) || hit.Variable.Length == 0) continue;
            var id = hit.RuleId.ToString(CultureInfo.InvariantCulture);
            // A later link of a chain tells of what the first one matched: the first is what can be kept from looking.
            var variable = hit.Variable.StartsWith(MatchedBefore, StringComparison.OrdinalIgnoreCase) ? hit.Variable[MatchedBefore.Length..] : hit.Variable;
            string? target = trial.IsExclusion(id, variable) ? variable : null;
            if (!proposals.Contains((hit.RuleId, target))) proposals.Add((hit.RuleId, target));
        }

        return proposals;
    }

    private static void WriteText(TextWriter writer, TrialOutcome outcome, List<(long Rule, string? Target)> proposals)
    {
        if (outcome.Route is null)
        {
            writer.WriteLine($"refused before any route: {outcome.Status} {outcome.Code}{(outcome.Cause is null ? string.Empty : ": " + outcome.Cause)}");
            return;
        }

        writer.WriteLine($"route {outcome.Route}");
        if (outcome.Waf is not { } waf)
        {
            writer.WriteLine("no rule of the firewall runs on this route");
            return;
        }

        foreach (var hit in waf.Hits)
        {
            writer.WriteLine($"  {hit.RuleId}  phase {(int)hit.Phase}  {hit.Severity.ToString().ToLowerInvariant()}  {Printing.Printable(hit.Message ?? string.Empty)}");
            writer.WriteLine($"    {Printing.Printable(hit.Variable)} = {Printing.Printable(hit.Value)}");
            if (hit.Data is { } data) writer.WriteLine($"    {Printing.Printable(data)}");
        }

        if (waf.RequestCut is { } cut) writer.WriteLine($"the body was inspected up to octet {cut.Bytes}: {cut.Reason}");
        writer.WriteLine($"score {waf.Score}; {Verdict(outcome)}");
        if (proposals.Count == 0) return;

        writer.WriteLine();
        writer.WriteLine("If this is no attack, the narrowest exclusion is:");
        writer.WriteLine();
        writer.WriteLine("routes:");
        writer.WriteLine($"  {outcome.Route}:");
        writer.WriteLine("    policies:");
        writer.WriteLine("      waf:");
        writer.WriteLine("        exclude:");
        foreach (var proposal in proposals) writer.WriteLine($"          - {Exclusion(proposal)}");
    }

    private static void WriteJson(TextWriter writer, TrialOutcome outcome, List<(long Rule, string? Target)> proposals)
        => writer.WriteLine(JsonSerializer.Serialize(
            new
            {
                outcome.Route,
                outcome.Code,
                outcome.Status,
                outcome.Cause,
                outcome.WouldBlock,
                Score = outcome.Waf?.Score ?? 0,
                Hits = (outcome.Waf?.Hits ?? []).Select(hit => new { Id = hit.RuleId, Phase = (int)hit.Phase, Severity = hit.Severity.ToString().ToLowerInvariant(), Msg = hit.Message, hit.Variable, hit.Value, hit.Data }),
                Exclude = proposals.Select(proposal => new { proposal.Rule, proposal.Target }),
            },
            Json));

    private static string Verdict(TrialOutcome outcome) => outcome switch
    {
        { Code: { } code } => $"refused with {outcome.Status} {code}: {outcome.Cause}",
        { WouldBlock: { } would } => $"passes, as the mode is detect; it would be refused: {would}",
        _ => "passes",
    };

    private static string Exclusion((long Rule, string? Target) proposal)
        => proposal.Target is null ? $"{{ rule: {proposal.Rule}, reason: … }}" : $"{{ rule: {proposal.Rule}, target: {JsonSerializer.Serialize(proposal.Target, Json)}, reason: … }}";
}
