using System.CommandLine;
using System.Text.Json;
using Portcullis.Control.Identity.Roles;
using Portcullis.Trust.Keys;

namespace Portcullis.Commands;

/// <summary><c>access review list|show|verify</c>: the signed records of reviews.</summary>
internal static class AccessRecords
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Signs a review, keeps it and writes it to a file where one is named. Gives its id, or null and the exit code of what has been complained about.</summary>
    public static async Task<(string? Id, int Code)> KeepAsync(ParseResult parsed, CommandStore store, SignedReview review, string? file)
    {
        var ring = await store.RingAsync();
        if (review.Sign(ring, KeyPurpose.Audit) is not { } signed)
            return (null, Complaint.Write(parsed, "there is no key to sign the review with", "the gateway makes one when it starts: portcullis key list"));
        // Opened first: a review that is kept is told, whatever becomes of the file.
        await using var writer = file is null ? null : new StreamWriter(OpenPrivate(file));
        if (await (await store.ReviewsAsync()).AddAsync(review, signed) is not { } id)
            return (null, Complaint.Write(parsed, "the review is too long to be kept", "review after the most frequent findings have been mended, or with fewer --sensitive permissions"));
        if (writer is not null) await writer.WriteAsync(signed + "\n");
        return (id, 0);
    }

    // It tells who may do what and who has one factor alone: as in the database, for nobody else's eyes.
    private static FileStream OpenPrivate(string file)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(file, options);
    }

    public static Command List()
    {
        var output = OutputOption.Create();
        return CommandStore.Verb(new("list", "Lists the signed reviews, the newest first, and says whether the next one is overdue") { output }, async (parsed, store) =>
        {
            var all = await (await store.ReviewsAsync()).ListAsync();
            var now = TimeProvider.System.GetUtcNow();
            var writer = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(output) == OutputOption.Json)
            {
                writer.WriteLine(JsonSerializer.Serialize(all.Select((review, i) => new { review.Id, review.Reviewer, review.Created, review.Due, Overdue = i == 0 && review.Due <= now }), Json));
                return 0;
            }

            for (var i = 0; i < all.Count; i++)
                writer.WriteLine($"{all[i].Id}  {all[i].Created.UtcDateTime:yyyy-MM-dd} by {Printing.Printable(all[i].Reviewer)}, next due {all[i].Due.UtcDateTime:yyyy-MM-dd}{(i == 0 && all[i].Due <= now ? " (overdue)" : string.Empty)}");
            return 0;
        });
    }

    public static Command Show()
    {
        var id = new Argument<string>("ID") { Description = "The id that the list shows" };
        return CommandStore.Verb(new("show", "Prints the signed record, for access review verify and for archives") { id }, async (parsed, store) =>
        {
            var named = parsed.GetRequiredValue(id);
            if (await (await store.ReviewsAsync()).FindAsync(named) is not { } signed) return Complaint.Write(parsed, $"there is no review {Printing.Printable(named)} that can be read", "portcullis access review list shows them");
            parsed.InvocationConfiguration.Output.WriteLine(signed);
            return 0;
        });
    }

    public static Command Verify()
    {
        var file = new Argument<string>("FILE") { Description = "A signed record" };
        var output = OutputOption.Create();
        return CommandStore.Verb(new("verify", "Tells whether this gateway signed the record, and what it says") { file, output }, async (parsed, store) =>
        {
            var name = parsed.GetRequiredValue(file);
            if (!File.Exists(name)) return Complaint.Write(parsed, $"there is no file {Printing.Printable(name)}", "portcullis access review show ID prints a record");
            if (new FileInfo(name).Length > SignedReview.MaximumSize + 2) return Complaint.Write(parsed, $"{Printing.Printable(name)} is longer than any record", "name a file that portcullis access review wrote");
            var keys = (await store.RingAsync()).Current.PublicKeys(KeyPurpose.Audit);
            if (!SignedReview.TryVerify((await File.ReadAllTextAsync(name)).Trim(), keys, out var review))
                return Complaint.Write(parsed, "the record was not signed by this gateway, or was changed", "records are signed by the audit keys of the data directory: portcullis key list");
            parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(output) == OutputOption.Json
                ? JsonSerializer.Serialize(new { Valid = true, review.Reviewer, review.Review.Time, review.Due, Accounts = review.Review.Holders, Findings = review.Review.Findings.Count + review.Review.Omitted }, Json)
                : $"signed by this gateway: {review.Review.Holders} accounts reviewed by {Printing.Printable(review.Reviewer)} on {review.Review.Time.UtcDateTime:yyyy-MM-dd}, {review.Review.Findings.Count + review.Review.Omitted} findings; next due {review.Due.UtcDateTime:yyyy-MM-dd}");
            return 0;
        });
    }
}
