using System.Diagnostics;
using System.Globalization;
using System.Text;
using Portcullis.Waf;
using Portcullis.Waf.Engine;

namespace Portcullis.Benchmarks.Waf;

/// <summary>
/// What hostile inputs cost the engine: bodies that are large, deep or of many parts, and values that make patterns work. Detection only, so that no rule ends a
/// request early and all of them see all of it. The time is the least of several runs: what the input costs, not what else the machine did.
/// </summary>
internal static class HostileInputs
{
    private const int Runs = 5;
    private const int ValueSize = 64 * 1024;
    private const string Form = "application/x-www-form-urlencoded";

    private static readonly string[] Units =
    [
        "a", "1", " ", "'", "\"", "(", "<", "\\", "/", "../", "%", "%2", "%u", "&#", "0x", "\n", "\0", "-", "--", "/*", "{", "${", "$(", ";l$(", "a ", "a'", "'\"`", ";;l''s$@ ",
        "x=1&", "or 1=1 ", "select ", "union select ", "<a ", "<svg onload=", "=;", "\u00c3\u00a9", "javascript:", "eval(", "|ca\\t ", "() {", "a@a.", "http://",
    ];

    /// <summary>Prints the table for every rule set that is on the machine.</summary>
    public static int Run(TextWriter output)
    {
        foreach (var (name, rules) in WafEngineSamples.RuleSets())
        {
            foreach (var level in (int[])[1, 4])
            {
                output.WriteLine(FormattableString.Invariant($"{name}, paranoia {level}"));
                output.WriteLine("  input                                    bytes        ms   µs/byte  MiB held  outcome");
                foreach (var (what, type, body) in Bodies()) Print(output, rules, level, what, type, body);
                var values = Units.Select(unit => (Unit: unit, Cost: Measure(rules, level, Form, Value(unit)))).OrderByDescending(each => each.Cost.Milliseconds).ToList();
                foreach (var (unit, _) in values.Take(4)) Print(output, rules, level, $"64 KiB of {JsonText(unit)}", Form, Value(unit));
                output.WriteLine(FormattableString.Invariant($"  median of {values.Count} values of 64 KiB: {values[values.Count / 2].Cost.Milliseconds * 1000 / ValueSize:F3} µs/byte"));
            }
        }

        return 0;
    }

    private static IEnumerable<(string What, string Type, byte[] Body)> Bodies()
    {
        yield return ("one parameter of 1 MiB", Form, Bytes("a=" + new string('x', 1 << 20)));
        yield return ("one parameter of 1 MiB, mixed", Form, Bytes("a=" + Repeat("O%27Brien said <b>hi</b>; see ../x?y=1 -- ", 1 << 20)));
        yield return ("10,000 parameters", Form, Bytes(string.Join('&', Enumerable.Range(0, 10_000).Select(n => $"field{n}=value+{n}"))));
        yield return ("JSON, 100 deep", "application/json", Bytes(string.Concat(Enumerable.Repeat("{\"a\":", 100)) + "1" + new string('}', 100)));
        yield return ("JSON, 10,000 deep", "application/json", Bytes(new string('[', 10_000) + new string(']', 10_000)));
        yield return ("JSON, 100,000 items", "application/json", Bytes("[" + string.Join(',', Enumerable.Range(0, 100_000)) + "]"));
        yield return ("XML, 10,000 elements", "application/xml", Bytes("<a>" + string.Concat(Enumerable.Repeat("<b c=\"d\">e</b>", 10_000)) + "</a>"));
        yield return ("form of 10 MiB", Form, Bytes("a=" + Repeat("some text with words in it ", 10 << 20)));
        yield return ("JSON of 10 MiB", "application/json", Bytes("{\"a\":\"" + Repeat("some text with words in it ", 10 << 20) + "\"}"));
        yield return ("multipart of 10 MiB, a file", "multipart/form-data; boundary=b", Multipart(1, 10 << 20));
        yield return ("multipart, 10,000 parts", "multipart/form-data; boundary=b", Multipart(10_000, 10));
    }

    private static void Print(TextWriter output, RuleSet rules, int level, string what, string type, byte[] body)
    {
        var (milliseconds, held, outcome) = Measure(rules, level, type, body);
        output.WriteLine(FormattableString.Invariant($"  {what,-36} {body.Length,9}  {milliseconds,8:F2}  {milliseconds * 1000 / body.Length,8:F3}  {held / 1048576.0,8:F1}  {outcome}"));
    }

    private static (double Milliseconds, long Held, string Outcome) Measure(RuleSet rules, int level, string type, byte[] body)
    {
        var options = new InspectionOptions { Mode = EngineMode.DetectionOnly, ParanoiaLevel = level, RequestBodyLimit = 16 << 20, RefusesLongRequestBody = false };
        var settings = rules.Prepare(options, out var errors) ?? throw new InvalidOperationException(errors[0]);
        (double Milliseconds, long Held, string Outcome) least = (double.MaxValue, 0, string.Empty);
        for (var run = 0; run < Runs; run++)
        {
            using var transaction = rules.Begin(settings);
            var began = Stopwatch.GetTimestamp();
            transaction.Connection("192.0.2.7"u8, 50_000, "192.0.2.1"u8, 443);
            transaction.RequestLine("POST"u8, "/api"u8, "HTTP/1.1"u8);
            transaction.RequestHeader("Host"u8, "www.example.com"u8);
            transaction.RequestHeader("Content-Type"u8, Bytes(type));
            transaction.ProcessRequestHeaders();
            transaction.AppendRequestBody(body);
            transaction.ProcessRequestBody();
            var taken = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            if (taken < least.Milliseconds) least = (taken, transaction.MemoryHeld, $"score {transaction.InboundScore}{(transaction.Fault == EngineFault.None ? "" : $", fault {transaction.Fault}")}");
        }

        return least;
    }

    private static byte[] Value(string unit) => Bytes("a=" + Repeat(unit.Replace("%", "%25", StringComparison.Ordinal).Replace("&", "%26", StringComparison.Ordinal), ValueSize));

    private static byte[] Multipart(int parts, int size)
    {
        var content = new string('x', size);
        var text = new StringBuilder();
        for (var part = 0; part < parts; part++)
            text.Append(CultureInfo.InvariantCulture, $"--b\r\nContent-Disposition: form-data; name=\"p{part}\"{(parts == 1 ? "; filename=\"f.bin\"" : "")}\r\n\r\n{content}\r\n");
        return Bytes(text.Append("--b--\r\n").ToString());
    }

    private static string Repeat(string unit, int length) => string.Concat(Enumerable.Repeat(unit, (length / unit.Length) + 1))[..length];

    private static string JsonText(string unit) => System.Text.Json.JsonSerializer.Serialize(unit);

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}
