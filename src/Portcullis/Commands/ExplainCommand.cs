using System.CommandLine;
using System.IO.Compression;
using System.Text.Json;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies;

namespace Portcullis.Commands;

/// <summary><c>explain REQUEST-ID</c>: why a request was let through or refused, layer by layer, from the decision log.</summary>
internal static class ExplainCommand
{
    private const string Normalize = "normalize";
    private const string Match = "match";
    private const string Policies = "policies";
    private const string Terminal = "terminal";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create()
    {
        var id = new Argument<string>("REQUEST-ID") { Description = "What the client got as X-Request-Id" };
        var config = WafCommand.ConfigOption();
        var output = OutputOption.Create();
        var command = new Command("explain", "Says why a request was let through or refused, layer by layer") { id, config, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var wanted = parsed.GetRequiredValue(id);
            if (wanted.Length != 32 || !wanted.All(char.IsAsciiHexDigitLower)) return Complaint.Write(parsed, $"{wanted} is no request id", "it is the 32 hexadecimal digits of the field X-Request-Id, or of requestId in the refusal");

            var loaded = new ConfigurationLoader(PolicyKinds.All).LoadFile(parsed.GetRequiredValue(config));
            if (loaded.Options is null)
            {
                foreach (var problem in loaded.Problems.All.Where(problem => problem.IsError)) parsed.InvocationConfiguration.Error.WriteLine(problem);
                return 1;
            }

            if (loaded.Options.Telemetry.DecisionLog is not { } log) return Complaint.Write(parsed, "no decisions are logged", "add telemetry: { decisionLog: FILE } to the configuration, and send the request again");
            if (await FindAsync(log, wanted, cancellationToken) is not { } line)
                return Complaint.Write(parsed, $"request {wanted} is not in {log}, nor in what was rotated away beside it", "lines are written within a second; look at the counter portcullis_decision_log_dropped_total for lost ones");

            if (Read(line) is not { } record) return Complaint.Write(parsed, $"the line of request {wanted} in {log} is damaged", "a process that was killed while it wrote may leave half a line; grep shows what there is of it");
            using var disposal = record;
            if (parsed.GetValue(output) == OutputOption.Json) parsed.InvocationConfiguration.Output.WriteLine(JsonSerializer.Serialize(record.RootElement, Indented));
            else await WriteAsync(parsed.InvocationConfiguration.Output, record.RootElement, loaded);
            return 0;
        });
        return command;
    }

    private static JsonDocument? Read(string line)
    {
        try
        {
            return JsonDocument.Parse(line);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The line of a request: in the file, or in one of those that log rotation made of it, the youngest first.</summary>
    private static async Task<string?> FindAsync(string log, string requestId, CancellationToken cancellationToken)
    {
        var full = Path.GetFullPath(log);
        var folder = new DirectoryInfo(Path.GetDirectoryName(full)!);
        if (!folder.Exists) return null;
        var member = $"\"requestId\":\"{requestId}\"";
        foreach (var file in folder.EnumerateFiles(Path.GetFileName(full) + "*").OrderByDescending(file => file.LastWriteTimeUtc))
        {
            try
            {
                if (await FindAsync(file, member, cancellationToken) is { } line) return line;
            }
            catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or FileNotFoundException)
            {
                // Log rotation is at it: what is being packed still stands in the file that it is packed from, and what has gone has another name.
            }
        }

        return null;
    }

    private static async Task<string?> FindAsync(FileInfo file, string member, CancellationToken cancellationToken)
    {
        await using var stream = file.Open(FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        await using var text = file.Extension == ".gz" ? new GZipStream(stream, CompressionMode.Decompress) : (Stream)stream;
        using var reader = new StreamReader(text);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Contains(member, StringComparison.Ordinal)) return line;
        }

        return null;
    }

    private static async Task WriteAsync(TextWriter writer, JsonElement record, LoadResult loaded)
    {
        writer.WriteLine($"{Text(record, "time")}  {Text(record, "method")} {Text(record, "host")}{Text(record, "path")}  from {Text(record, "address")}");
        writer.WriteLine(Text(record, "code") is { Length: > 0 } code ? $"answered {Text(record, "status")} {code}: {Text(record, "cause")}" : $"answered {Text(record, "status")}");
        writer.WriteLine();

        var layers = new List<(string Step, string What)> { (Normalize, "fields, framing, host and target"), (Match, "route") };
        var route = Text(record, "route");
        if (route.Length > 0)
        {
            var policies = await ConfigurationCompiler.LayersAsync(loaded.Bound, loaded.Problems, route);
            layers.AddRange(policies.Where(layer => layer.Stage != Stage.Shape || Text(record, "step") == nameof(Stage.Shape)).GroupBy(layer => layer.Stage).Select(layer => (layer.Key.ToString(), string.Join(", ", layer.Select(one => one.Policy).Distinct()))));
        }

        layers.Add((Terminal, Text(record, "destination") is { Length: > 0 } destination ? $"answered by {destination}" : "upstream"));
        WriteLayers(writer, record, layers, Ended(record, layers));
        WriteNotes(writer, record);
    }

    /// <summary>Index of the layer at which the request ended; beyond the last where all let it through.</summary>
    private static int Ended(JsonElement record, List<(string Step, string What)> layers)
    {
        var step = Text(record, "step");
        if (step.Length == 0) return layers.Count;
        var index = layers.FindIndex(layer => layer.Step == step);
        if (index >= 0) return index;

        // A policy that failed, or one that the configuration of now does not have.
        return step == Policies ? 2 : layers.Count - 1;
    }

    private static void WriteLayers(TextWriter writer, JsonElement record, List<(string Step, string What)> layers, int ended)
    {
        for (var i = 0; i < layers.Count; i++)
        {
            var (step, what) = layers[i];
            var outcome = i < ended ? "passed" : i > ended ? "not reached" : step == Terminal ? "failed" : "refused";
            if (i < ended && step == Match) what = $"route {Text(record, "route")}";
            if (i < ended && step == nameof(Stage.Authenticate)) what += Text(record, "caller") is { Length: > 0 } caller ? $": {caller}" : ": nobody";
            if (i < ended && step == nameof(Stage.Authenticate) && Text(record, "authenticatedBy") is { Length: > 0 } way) what += $" by {way}{(Text(record, "key") is { Length: > 0 } key ? " " + key : string.Empty)}";
            if (i < ended && step == nameof(Stage.Authenticate) && Text(record, "tenant") is { Length: > 0 } tenant) what += $", of tenant {tenant}";
            writer.WriteLine($"  {outcome,-11}  {step,-14}  {what}");
            if (i == ended) writer.WriteLine($"{string.Empty,31}{Text(record, "code")}: {Text(record, "cause")}");
        }
    }

    private static void WriteNotes(TextWriter writer, JsonElement record)
    {
        if (Text(record, "dataClass") is { Length: > 0 } dataClass) writer.WriteLine($"\ndata of class {dataClass}{(Text(record, "purpose") is { Length: > 0 } purpose ? ", for: " + purpose : string.Empty)}");
        if (Text(record, "shadowed") is { Length: > 0 } shadowed) writer.WriteLine($"\nwould have been refused, were it not for shadow or detect mode: {shadowed}");
        if (!record.TryGetProperty("waf", out var waf)) return;
        writer.WriteLine($"\nfirewall: mode {Text(waf, "mode")}, score {Text(waf, "score")}");
        if (!waf.TryGetProperty("hits", out var hits)) return;
        foreach (var hit in hits.EnumerateArray())
        {
            writer.WriteLine($"  {Text(hit, "id")}  phase {Text(hit, "phase")}  {Text(hit, "severity")}  {Text(hit, "msg")}");
            writer.WriteLine($"    {Text(hit, "variable")} = {Text(hit, "value")}");
        }
    }

    private static string Text(JsonElement record, string name)
        => record.TryGetProperty(name, out var value) ? Printing.Printable(value.ValueKind == JsonValueKind.Null ? string.Empty : value.ToString()) : string.Empty;
}
