using System.CommandLine;
using System.Text.Json;
using Portcullis.Control.Identity.Roles;
using Portcullis.Gateway.Identity.Roles;

namespace Portcullis.Commands;

/// <summary><c>access review</c>: what was granted and is not used, accounts that nobody uses or that have one factor alone, duties that were joined.</summary>
internal static class AccessCommand
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static Command Create() => new("access", "Reviews of who may do what") { Review() };

    private static Command Review()
    {
        var days = new Option<int>("--days") { Description = "A permission or account that nobody used for so many days is reported", DefaultValueFactory = _ => 90 };
        var sensitive = new Option<string[]>("--sensitive") { Description = "Permissions whose holders are listed in any case; may have stars, may be repeated", AllowMultipleArgumentsPerToken = true };
        var reviewer = new Option<string?>("--reviewer") { Description = "With --sign: who answers for the review. Default: the user who runs this" };
        var due = PeriodOption.Create("--due", "With --sign: when the next review is due. Default: 90d");
        var sign = new Option<bool>("--sign") { Description = "Signs the review and keeps it" };
        var file = new Option<string?>("--out") { Description = "With --sign: a file for the signed record" };
        var output = OutputOption.Create();
        var command = CommandStore.Verb(new("review", "Reviews people and programs; changes nothing") { days, sensitive, reviewer, due, sign, file, output }, async (parsed, store) =>
        {
            var patterns = new List<PermissionPattern>();
            foreach (var text in parsed.GetValue(sensitive) ?? [])
            {
                if (!PermissionPattern.TryParse(text, out var pattern)) return Complaint.Write(parsed, $"'{Printing.Printable(text)}' is no permission", "write resource:action, as in orders:read or orders:*");
                patterns.Add(pattern);
            }

            if (parsed.GetValue(days) is not (>= 1 and <= 390 and var period)) return Complaint.Write(parsed, "--days is out of range", "write 1 to 390: uses are kept for 400 days");
            if (parsed.GetValue(reviewer) is { Length: 0 or > 128 }) return Complaint.Write(parsed, "the reviewer's name is empty or too long", "write 1 to 128 characters");
            if (store.Roles() is not { } roles) return 1;
            var review = await ReviewAsync(store, roles, new() { UnusedFor = TimeSpan.FromDays(period), DormantFor = TimeSpan.FromDays(period), Sensitive = patterns });
            var json = parsed.GetValue(output) == OutputOption.Json;
            string? id = null;
            if (parsed.GetValue(sign))
            {
                var record = new SignedReview(parsed.GetValue(reviewer) ?? RoleCommand.Operator(), review.Time + (parsed.GetValue(due) ?? TimeSpan.FromDays(90)), review);
                var (kept, problem) = await AccessRecords.KeepAsync(parsed, store, record, parsed.GetValue(file));
                if (kept is null) return problem;
                id = kept;
            }

            if (json) WriteJson(parsed, review, id);
            else WriteText(parsed, review, id, await HolderArgument.NamesAsync(store));
            return 0;
        });
        command.Subcommands.Add(AccessRecords.List());
        command.Subcommands.Add(AccessRecords.Show());
        command.Subcommands.Add(AccessRecords.Verify());
        return command;
    }

    private static async Task<AccessReview> ReviewAsync(CommandStore store, RoleSet roles, AccessReviewRules rules)
    {
        var now = TimeProvider.System.GetUtcNow();
        var uses = await store.PermissionUsesAsync();
        using var grants = await store.GrantedRolesAsync();
        var holders = await (await store.HoldersAsync(grants, uses)).ReadAsync();
        return AccessReview.Of(roles, holders, await uses.ReadAsync(DateOnly.FromDateTime((now - rules.UnusedFor).UtcDateTime)), rules, now);
    }

    private static void WriteJson(ParseResult parsed, AccessReview review, string? id) => parsed.InvocationConfiguration.Output.WriteLine(JsonSerializer.Serialize(
        new
        {
            Id = id,
            review.Time,
            review.From,
            Complete = review.IsComplete,
            Accounts = review.Holders,
            Findings = review.Findings.Select(finding => new { Kind = JsonNamingPolicy.CamelCase.ConvertName(finding.Kind.ToString()), finding.Subject, finding.About, finding.Text, finding.Proposal }),
            review.Omitted,
        },
        Json));

    private static void WriteText(ParseResult parsed, AccessReview review, string? id, IReadOnlyDictionary<string, string> names)
    {
        var writer = parsed.InvocationConfiguration.Output;
        writer.WriteLine($"{review.Holders} accounts reviewed on {review.Time.UtcDateTime:yyyy-MM-dd}, uses since {review.From:yyyy-MM-dd}{(review.IsComplete ? string.Empty : ", of which not all were recorded")}: {review.Findings.Count + review.Omitted} findings");
        foreach (var own in review.Findings.GroupBy(finding => finding.Subject, StringComparer.Ordinal))
        {
            writer.WriteLine($"\n{HolderArgument.Show(own.Key, names)}");
            foreach (var finding in own) writer.WriteLine($"  {Printing.Printable(finding.Text)}{(finding.Proposal is { } proposal ? $"\n    -> {Printing.Printable(proposal)}" : string.Empty)}");
        }

        if (review.Omitted > 0) writer.WriteLine($"\n{review.Omitted} findings more are not listed");
        if (id is not null) writer.WriteLine($"\nsigned and kept as {id}: portcullis access review show {id}");
    }
}
