using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Portcullis.Control.Identity.ApiKeys;
using Portcullis.Gateway.Policies.Authorize;
using Portcullis.Trust.ApiKeys;

namespace Portcullis.Commands;

/// <summary><c>apikey add|list|revoke</c>: keys that people and programs send instead of tokens. A running node notices within a second.</summary>
internal static class ApiKeyCommand
{
    private const string Input = "-";
    private const int LongestInput = 1024;
    private const int MostPermissions = 100;

    private static readonly TimeSpan UsualLife = TimeSpan.FromDays(90);

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static Command Create() => new("apikey", "API keys of people and programs") { Add(), List(), Revoke() };

    private static Command Add()
    {
        var who = HolderArgument.Create();
        var label = new Option<string>("--label") { Description = $"What it is for, at most {ApiKeyStore.LongestLabel} characters", Required = true };
        var permissions = new Option<string[]>("--permission", "-p") { Description = "resource:action that the key is limited to; may be repeated. It never gives what its owner may not do", AllowMultipleArgumentsPerToken = true, Required = true };
        var period = PeriodOption.Create("--for", $"How long it counts, up to {ApiKey.LongestLife.TotalDays}d. Default: {UsualLife.TotalDays}d");
        var output = OutputOption.Create();
        return CommandStore.Verb(new("add", "Makes a key and prints it, once") { who, label, permissions, period, output }, async (parsed, store) =>
        {
            var limits = parsed.GetRequiredValue(permissions).Distinct(StringComparer.Ordinal).ToList();
            if (limits.Find(permission => !PermissionName.IsValid(permission)) is { } wrong) return Complaint.Write(parsed, $"'{Printing.Printable(wrong)}' is no permission", "write resource:action, as in orders:read");
            if (limits.Count > MostPermissions) return Complaint.Write(parsed, $"{limits.Count} permissions are more than the most, {MostPermissions}", "make a key for each purpose");
            var name = parsed.GetRequiredValue(label).Trim();
            if (name.Length is 0 or > ApiKeyStore.LongestLabel) return Complaint.Write(parsed, "the label is empty or too long", $"say in 1 to {ApiKeyStore.LongestLabel} characters what the key is for");
            var life = parsed.GetValue(period) ?? UsualLife;
            if (life > ApiKey.LongestLife) return Complaint.Write(parsed, $"a key lives up to {ApiKey.LongestLife.TotalDays} days", "write a shorter --for, and make another key before that");
            if (await HolderArgument.ResolveAsync(parsed, store, parsed.GetRequiredValue(who)) is not { } subject) return 1;

            var (key, text) = ApiKey.Issue(subject, name, limits, life, TimeProvider.System);
            if (await (await store.ApiKeysAsync()).AddAsync(key) is { } refusal) return Complaint.Write(parsed, $"no key is made: {refusal}", "portcullis apikey list shows them; revoke one that is no longer used");
            parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(output) == OutputOption.Json
                ? JsonSerializer.Serialize(new { key.Id, key.Subject, key.Label, key.Permissions, key.Expires, Key = text.Reveal() }, Json)
                : $"API key {key.Id} made, good until {key.Expires.UtcDateTime:yyyy-MM-dd HH:mm}Z; it is shown only now:\n{text.Reveal()}");
            return 0;
        });
    }

    private static Command List()
    {
        var who = HolderArgument.CreateOptional();
        var output = OutputOption.Create();
        return CommandStore.Verb(new("list", "Lists the keys, those that no longer count too, without the keys themselves") { who, output }, async (parsed, store) =>
        {
            string? subject = null;
            if (parsed.GetValue(who) is { } named && (subject = await HolderArgument.ResolveAsync(parsed, store, named)) is null) return 1;
            var all = await (await store.ApiKeysAsync()).ListAsync(subject);
            var now = TimeProvider.System.GetUtcNow();
            var writer = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(output) == OutputOption.Json)
            {
                writer.WriteLine(JsonSerializer.Serialize(
                    all.Select(key => new { key.Id, key.Subject, key.Label, key.Permissions, key.Created, key.Expires, key.LastUsed, State = StateOf(key, now) }), Json));
                return 0;
            }

            var names = await HolderArgument.NamesAsync(store);
            foreach (var key in all)
            {
                writer.WriteLine(
                    $"{key.Id}  {StateOf(key, now)}  {HolderArgument.Show(key.Subject, names)}  \"{Printing.Printable(key.Label)}\"  {string.Join(' ', key.Permissions)}"
                    + $"  until {key.Expires.UtcDateTime:yyyy-MM-dd}, {(key.LastUsed is { } used ? $"last used {used:yyyy-MM-dd}" : "never used")}");
            }

            return 0;
        });
    }

    private static Command Revoke()
    {
        var id = new Argument<string>("ID") { Description = $"The id that the list shows; '{Input}' reads the key itself from standard input, for one that was found where it should not be" };
        return CommandStore.Verb(new("revoke", "Takes a key back for good") { id }, async (parsed, store) =>
        {
            var named = parsed.GetRequiredValue(id);
            if (named == Input) return await RevokeFoundAsync(parsed, store);

            // Whoever takes the key for its id has put it into their shell's history already: it need not stand in a log, too.
            if (named.StartsWith(ApiKeyText.Prefix, StringComparison.Ordinal))
                return Complaint.Write(parsed, "that is a key, and not its id", $"portcullis apikey list shows ids; portcullis apikey revoke {Input} takes the key itself from standard input");
            return await (await store.ApiKeysAsync()).RevokeAsync(named) ? 0 : Complaint.Write(parsed, $"there is no key {named} that counts", "portcullis apikey list shows them");
        });
    }

    private static async Task<int> RevokeFoundAsync(ParseResult parsed, CommandStore store)
    {
        var hash = new byte[SHA256.HashSizeInBytes];
        if (!ApiKeyText.TryHash(Encoding.UTF8.GetBytes(await StandardInput.ReadAsync(LongestInput)), hash)) return Complaint.Write(parsed, "standard input has no API key", "send the whole key as one line");
        var keys = await store.ApiKeysAsync();
        if (await keys.FindIdAsync(hash) is not { } id || !await keys.RevokeAsync(id)) return Complaint.Write(parsed, "there is no such key that counts", "it may be of another gateway, or was revoked before: portcullis apikey list");
        parsed.InvocationConfiguration.Output.WriteLine($"API key {id} is revoked");
        return 0;
    }

    private static string StateOf(ApiKey key, DateTimeOffset now) => key.StateAt(now).ToString().ToLowerInvariant();
}
