using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Portcullis.Trust.Keys;

namespace Portcullis.Commands;

/// <summary><c>key list</c>: what there is and where each stands in its life. Shows no secret: ids are public or random.</summary>
internal static class KeyListCommand
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static Command Create()
    {
        var output = OutputOption.Create();
        return KeyCommand.Verb(new("list", "Lists the keys of every purpose, destroyed ones included") { output }, (parsed, location) =>
        {
            using var ring = location.Open();
            var isProtected = !KeyRing.IsWrappingKeyUnprotected(location.Directory);
            var writer = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(output) == OutputOption.Json) WriteJson(writer, ring, isProtected);
            else WriteText(writer, ring, isProtected);
            return 0;
        });
    }

    private static void WriteJson(TextWriter writer, KeyRing ring, bool isProtected) => writer.WriteLine(JsonSerializer.Serialize(
        new
        {
            WrappingKey = new { Id = ring.WrappingKeyId, Protected = isProtected },
            Keys = ring.Current.Keys.Select(key => new
            {
                key.Id,
                Purpose = key.Purpose.Name,
                State = StateOf(key),
                Algorithm = key.Algorithm.ToString(),
                key.Bits,
                key.Created,
                key.Activates,
                key.Retired,
                key.Destroys,
                MessagesReserved = key.Algorithm == KeyAlgorithm.A256Gcm ? key.Reserved : (long?)null,
            }),
        },
        Json));

    private static void WriteText(TextWriter writer, KeyRing ring, bool isProtected)
    {
        writer.WriteLine($"{"wrapping",-14} {"active",-9} {ring.WrappingKeyId}  {(isProtected ? "protected as keys.wrappingKey says" : "kept by the mode of its file alone")}");
        foreach (var key in ring.Current.Keys.OrderBy(key => Position(key.Purpose)).ThenByDescending(key => key.Created))
            writer.WriteLine($"{key.Purpose.Name,-14} {StateOf(key),-9} {key.Id}  {key.Algorithm} {When(key)}");
    }

    private static int Position(KeyPurpose purpose) => KeyPurpose.All.TakeWhile(known => known != purpose).Count();

    private static string StateOf(KeyEntry key) => key.State.ToString().ToLowerInvariant();

    private static string When(KeyEntry key) => key.State switch
    {
        KeyState.Pending => $"takes over {Time(key.Activates)}",
        KeyState.Active => $"since {Time(key.Activates)}",
        KeyState.Retired => key.Destroys is { } end ? $"since {Time(key.Retired)}, destroyed {Time(end)}" : $"since {Time(key.Retired)}, kept until it is destroyed by command",
        _ => $"since {Time(key.Destroys)}",
    };

    private static string Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture) ?? "?";
}
