using System.Text;
using Portcullis.Waf;

namespace Portcullis.Benchmarks.Waf;

/// <summary>
/// The engine alone with a rule set and the requests by which firewalls are compared: a browser's GET, 1 KB of JSON, 1 KB of form, 10 KB with a file, and a GET
/// that is refused.
/// </summary>
internal sealed class WafEngineSamples
{
    /// <summary>Names a folder of a release of CRS 4, with crs-setup.conf.example and rules/.</summary>
    public const string Crs4Variable = "CRS4";

    private const string Boundary = "----formBoundary7MA4YWxkTrZu0gW";

    // JSON and XML are for rules to ask for; ModSecurity's recommended configuration has the same.
    private const string Processors = """
        SecRule REQUEST_HEADERS:Content-Type "@rx ^application/json" "id:200001,phase:1,pass,nolog,t:none,t:lowercase,ctl:requestBodyProcessor=JSON"
        """;

    private static readonly (byte[] Name, byte[] Value)[] Browser =
    [
        Field("Host", "www.example.com"),
        Field("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
        Field("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"),
        Field("Accept-Language", "en-US,en;q=0.5"),
        Field("Accept-Encoding", "gzip, deflate, br"),
        Field("Referer", "https://www.example.com/shop/list?page=2"),
        Field("Cookie", "session=3f2a9c1be8d74f60a1b2; theme=dark; _ga=GA1.2.1234567890.1700000000"),
    ];

    private readonly RuleSet rules;
    private readonly Portcullis.Waf.Engine.TransactionSettings settings;
    private readonly byte[] json = Encoding.UTF8.GetBytes(Json());
    private readonly byte[] form = Encoding.UTF8.GetBytes(string.Join('&', Enumerable.Range(1, 26).Select(number => $"field{number}=some+text+value+{number}+with+words")));
    private readonly byte[] multipart = Multipart();

    private WafEngineSamples(RuleSet rules)
    {
        this.rules = rules;
        settings = rules.Prepare(new InspectionOptions { ParanoiaLevel = 1 }, out _)!;
    }

    /// <summary>Every rule set that is on the machine, by name.</summary>
    public static IEnumerable<(string Name, RuleSet Rules)> RuleSets()
    {
        foreach (var (name, samples) in new[] { ("builtin", Builtin()), ("crs3", Crs3()), ("crs4", Crs4()) })
        {
            if (samples is not null) yield return (name, samples.rules);
        }
    }

    /// <summary>Debian's package modsecurity-crs; null where it is not installed.</summary>
    public static WafEngineSamples? Crs3() => Directory.Exists("/usr/share/modsecurity-crs/rules")
        ? Load("/etc/modsecurity/crs/crs-setup.conf", "/usr/share/modsecurity-crs/rules/*.conf")
        : null;

    /// <summary>The release that <see cref="Crs4Variable"/> names; null where it names none.</summary>
    public static WafEngineSamples? Crs4() => Environment.GetEnvironmentVariable(Crs4Variable) is { Length: > 0 } folder
        ? Load(Path.Combine(folder, "crs-setup.conf.example"), Path.Combine(folder, "rules", "*.conf"))
        : null;

    public static WafEngineSamples Builtin() => Load(RuleSet.Builtin);

    public void Get() => Run("GET"u8, "/shop/items/42?color=blue&size=xl"u8, default, default, isRefused: false);

    public void PostJson() => Run("POST"u8, "/api/orders"u8, "application/json"u8, json, isRefused: false);

    public void PostForm() => Run("POST"u8, "/api/form"u8, "application/x-www-form-urlencoded"u8, form, isRefused: false);

    public void PostFile() => Run("POST"u8, "/upload"u8, "multipart/form-data; boundary=----formBoundary7MA4YWxkTrZu0gW"u8, multipart, isRefused: false);

    public void GetAttack() => Run("GET"u8, "/shop/items/42?id=1%27%20or%20%271%27=%271%27%20--%20"u8, default, default, isRefused: true);

    private static WafEngineSamples Load(params string[] sources)
    {
        var processors = Path.Combine(Path.GetTempPath(), $"waf-bench-{Environment.ProcessId}.conf");
        File.WriteAllText(processors, Processors);
        try
        {
            var result = RuleSet.Load(sources is [RuleSet.Builtin] ? sources : [processors, .. sources], "/");
            return new WafEngineSamples(result.RuleSet ?? throw new InvalidOperationException(result.Errors[0].ToString()));
        }
        finally
        {
            File.Delete(processors);
        }
    }

    private void Run(ReadOnlySpan<byte> method, ReadOnlySpan<byte> target, ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body, bool isRefused)
    {
        using var transaction = rules.Begin(settings);
        transaction.Connection("192.0.2.7"u8, 50_000, "192.0.2.1"u8, 443);
        transaction.RequestLine(method, target, "HTTP/1.1"u8);
        foreach (var (name, value) in Browser) transaction.RequestHeader(name, value);
        if (!body.IsEmpty)
        {
            transaction.RequestHeader("Content-Type"u8, contentType);
            transaction.RequestHeader("Content-Length"u8, "1024"u8);
        }

        var interruption = transaction.ProcessRequestHeaders();
        if (interruption is null)
        {
            transaction.AppendRequestBody(body);
            interruption = transaction.ProcessRequestBody();
        }

        transaction.ProcessLogging();
        // A sample that is judged otherwise measures something else.
        if (interruption is not null != isRefused) throw new InvalidOperationException($"{Encoding.ASCII.GetString(target)}: {interruption}");
    }

    private static string Json()
    {
        var items = Enumerable.Range(1, 9).Select(number => $$"""{"sku":"SKU-{{number}}","name":"Item number {{number}}","price":{{number}}.95,"quantity":{{number}} }""");
        return $$"""
            {"order":{"id":"A-2049","customer":{"name":"Maria Lindqvist","email":"maria@example.com","address":{"street":"Storgatan 12","city":"Uppsala","zip":"75331"} },
            "items":[{{string.Join(',', items)}}],"note":"Please deliver after 5 pm, ring the bell twice. The gate code is on the invoice."} }
            """;
    }

    private static byte[] Multipart()
    {
        var head = new StringBuilder();
        foreach (var name in (string[])["title", "description"])
        {
            head.Append($"--{Boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\nsome value of {name}\r\n");
        }

        head.Append($"--{Boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"photo.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n");
        var content = new byte[9700];
        new Random(1).NextBytes(content);
        return [.. Encoding.ASCII.GetBytes(head.ToString()), .. content, .. Encoding.ASCII.GetBytes($"\r\n--{Boundary}--\r\n")];
    }

    private static (byte[] Name, byte[] Value) Field(string name, string value) => (Encoding.ASCII.GetBytes(name), Encoding.ASCII.GetBytes(value));
}
