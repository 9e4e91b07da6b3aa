using System.CommandLine;
using System.Text.Json;
using Portcullis.Trust.Keys;

namespace Portcullis.Commands;

/// <summary><c>key destroy ID</c>: for good, after saying what that means.</summary>
internal static class KeyDestroyCommand
{
    private const string Confirmation = "--yes-destroy-for-good";

    public static Command Create()
    {
        var id = new Argument<string>("ID") { Description = "The key's id, as key list shows it" };
        var confirmed = new Option<bool>(Confirmation) { Description = "Does it; without this the consequences are only told" };
        var output = OutputOption.Create();
        return KeyCommand.Verb(new("destroy", "Destroys a pending or retired key for good, and with it what it protects") { id, confirmed, output }, (parsed, location) =>
        {
            var name = parsed.GetRequiredValue(id);
            using var ring = location.Open();
            if (ring.Current.Keys.FirstOrDefault(one => one.Id == name) is not { } key)
            {
                return name == ring.WrappingKeyId
                    ? Complaint.Write(parsed, "that is the wrapping key, under which all others are sealed", "portcullis key rotate wrapping replaces it, and destroys it then")
                    : Complaint.Write(parsed, $"there is no key {Printing.Printable(name)}", "portcullis key list shows them");
            }

            if (key.State == KeyState.Active) return StillActive(parsed, key);
            if (key.State != KeyState.Destroyed && !parsed.GetValue(confirmed))
                return Complaint.Write(parsed, $"destroying {key.Id} can't be undone. {Consequences(key)}", $"add {Confirmation} to do it");

            var outcome = ring.Destroy(name);
            if (outcome == DestroyOutcome.StillActive) return StillActive(parsed, key);
            if (outcome == DestroyOutcome.NotFound) return Complaint.Write(parsed, $"there is no key {name} any more", "portcullis key list shows them");
            parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(output) == OutputOption.Json
                ? JsonSerializer.Serialize(new { id = name, purpose = key.Purpose.Name, outcome = outcome == DestroyOutcome.Destroyed ? "destroyed" : "alreadyDestroyed" })
                : outcome == DestroyOutcome.Destroyed ? $"key {name} is destroyed. {Consequences(key)} Backups of the key ring may still hold it." : $"key {name} was destroyed before");
            return 0;
        });
    }

    private static int StillActive(ParseResult parsed, KeyEntry key)
        => Complaint.Write(parsed, $"key {key.Id} is the active one of purpose {key.Purpose}", $"portcullis key rotate {key.Purpose} --immediately, then destroy it");

    private static string Consequences(KeyEntry key)
    {
        if (key.State == KeyState.Pending) return "It has signed and sealed nothing yet; another successor is made when one is due.";
        return key.Purpose.Name switch
        {
            "token-signing" => $"Every token that it signed stops being valid at once{(key.Destroys is { } end ? $"; without it, the last of them expire by {end.UtcDateTime:yyyy-MM-dd HH:mm}Z" : string.Empty)}.",
            "data" => "Whatever was sealed under it and not yet sealed anew becomes unreadable: stored fields, recordings, persons' keys and all that these protect.",
            "cookie" => "Cookies that it sealed are no longer taken: those browsers have to sign in again.",
            "cache" => "Cache entries that it sealed are fetched anew.",
            "audit" => "Checkpoints of the audit log that it signed can't be verified any more.",
            "backup" => "Backups that it sealed can never be restored.",
            _ => "What it signed or sealed is lost.",
        };
    }
}
