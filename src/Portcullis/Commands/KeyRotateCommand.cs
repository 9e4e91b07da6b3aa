using System.CommandLine;
using System.Text.Json;
using Portcullis.Control.Keys;
using Portcullis.Trust.Keys;

namespace Portcullis.Commands;

/// <summary><c>key rotate PURPOSE|wrapping</c>: a successor of the active key, or another wrapping key.</summary>
internal static class KeyRotateCommand
{
    private const string Wrapping = "wrapping";

    public static Command Create()
    {
        var purpose = new Argument<string>("PURPOSE") { Description = $"{string.Join(", ", KeyPurpose.All)} or {Wrapping}" };
        purpose.AcceptOnlyFromAmong([.. KeyPurpose.All.Select(known => known.Name), Wrapping]);
        var immediately = new Option<bool>("--immediately") { Description = "For a key that may have leaked: the new one takes over at once. Who verifies tokens elsewhere must fetch the JWKS again" };
        var oldConfig = new Option<string?>("--old-config") { Description = "With wrapping: the configuration that names what protects the wrapping key until now, where the present one names something else" };
        var unprotected = new Option<bool>("--from-unprotected") { Description = "With wrapping: the wrapping key had no protection until now, and goes under the one that the configuration names" };
        var output = OutputOption.Create();
        return KeyCommand.Verb(new("rotate", "Replaces the active key of a purpose, or the wrapping key") { purpose, immediately, oldConfig, unprotected, output }, (parsed, location) =>
        {
            var name = parsed.GetRequiredValue(purpose);
            var isWrapping = name == Wrapping;
            if (isWrapping && parsed.GetValue(immediately))
                return Wrong(parsed, "--immediately has no meaning with wrapping", "the wrapping key is always replaced at once");
            if (!isWrapping && (parsed.GetValue(oldConfig) is not null || parsed.GetValue(unprotected)))
                return Wrong(parsed, "--old-config and --from-unprotected have no meaning without wrapping", $"portcullis key rotate {Wrapping} --old-config FILE");
            if (parsed.GetValue(oldConfig) is not null && parsed.GetValue(unprotected))
                return Wrong(parsed, "--old-config and --from-unprotected exclude each other", "name the configuration of before, or say that there was no protection");
            var json = parsed.GetValue(output) == OutputOption.Json;
            return isWrapping
                ? ReplaceWrapping(parsed, location, parsed.GetValue(oldConfig), parsed.GetValue(unprotected), json)
                : Rotate(parsed, location, KeyPurpose.All.Single(known => known.Name == name), parsed.GetValue(immediately), json);
        });
    }

    private static int Rotate(ParseResult parsed, KeyCommand.Location location, KeyPurpose purpose, bool immediately, bool json)
    {
        KeyEntry? active;
        using (var ring = location.Open()) active = ring.Current.Keys.FirstOrDefault(key => key.Purpose == purpose && key.State == KeyState.Active);
        if (active is null) return Complaint.Write(parsed, $"there is no key of purpose {purpose} to replace", "the gateway makes the first one when it starts");

        using var opened = location.Open(KeyPolicies.Like(active));
        var successor = opened.Rotate(purpose, immediately);
        parsed.InvocationConfiguration.Output.WriteLine(json
            ? JsonSerializer.Serialize(new { id = successor.Id, purpose = purpose.Name, state = successor.State.ToString().ToLowerInvariant(), activates = successor.Activates, replaces = active.Id })
            : immediately
                ? $"{purpose}: key {successor.Id} is active, {active.Id} is retired"
                : $"{purpose}: key {successor.Id} takes over from {active.Id} at {successor.Activates.UtcDateTime:yyyy-MM-dd HH:mm}Z, when the gateway runs");
        return 0;
    }

    private static int ReplaceWrapping(ParseResult parsed, KeyCommand.Location location, string? oldConfig, bool fromUnprotected, bool json)
    {
        var directory = location.Directory;
        var next = location.Protection;

        // What the file says of its own protection is not believed: a ring that somebody put there without any would be made the gateway's.
        var before = oldConfig is not null ? WrappingKeyProtection.From(KeyCommand.Location.Load(oldConfig)!.Keys.WrappingKey)
            : fromUnprotected ? null : next;
        using var ring = KeyRing.Open(directory, [], TimeProvider.System, before);
        var old = ring.WrappingKeyId;
        ring.ReplaceWrappingKey(next);
        parsed.InvocationConfiguration.Output.WriteLine(json
            ? JsonSerializer.Serialize(new { id = ring.WrappingKeyId, replaces = old, @protected = next is not null })
            : $"wrapping key {ring.WrappingKeyId} in place of {old}; every key is sealed under it{(next is null ? ", and the mode of its file alone keeps it" : string.Empty)}."
                + $"\nBackups of {directory} from before open with the old wrapping key that is in them: destroy them if it may have leaked.");
        return 0;
    }

    private static int Wrong(ParseResult parsed, string problem, string hint)
    {
        Complaint.Write(parsed, problem, hint);
        return 2;
    }
}
