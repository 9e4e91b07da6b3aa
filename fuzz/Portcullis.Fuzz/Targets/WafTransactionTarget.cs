using Portcullis.Waf;
using Portcullis.Waf.Engine;

namespace Portcullis.Fuzz.Targets;

/// <summary>
/// A request through the built-in rules and through rules that use every operator and action: no exception, every fault is one of the known, and the same
/// comes out in a fresh transaction, in one that another request has used, and in one that is used while another is.
/// </summary>
internal sealed class WafTransactionTarget : IFuzzTarget
{
    private readonly Lazy<RuleSet> builtin = new(() => Rules([RuleSet.Builtin]));
    private readonly Lazy<RuleSet> every = new(() => Rules([Path.Combine(AppContext.BaseDirectory, "Corpus", "waf-seclang", "every")]));
    private WafRequest before = WafRequest.Samples[0];

    public string Name => "waf-transaction";

    public IReadOnlyList<string> Dictionary { get; } =
    [
        "GET\n", "POST\n", "Content-Type: application/x-www-form-urlencoded\n", "Content-Type: application/json\n", "Content-Type: text/xml\n",
        "Content-Type: multipart/form-data; boundary=b\n", "Cookie: ", "Host: ", "X-Key: ", "--b\r\n",
        "Content-Disposition: form-data; name=\"a\"; filename=\"b\"\r\n\r\n", "--b--\r\n", "?", "&", "=", ";", "%00", "%u0061", "+", "\\u0061", "&lt;", "/*",
        "*/", "a=", "b=", "key", "<script>", "' or 1=1--", "union select", "../", "/etc/passwd", "4111111111111111", "078-05-1120", "${jndi:", "{{",
        "http://127.0.0.1/", "\r\n", "\n\n", "{\"a\":", "[1,2]", "<a b='c'>d</a>", "é", "\u00ff",
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        var request = new WafRequest(input);
        Compare(builtin.Value, request);
        Compare(every.Value, request);
        before = request;
    }

    private void Compare(RuleSet rules, WafRequest request)
    {
        var settings = rules.Prepare(new InspectionOptions { Mode = EngineMode.DetectionOnly, ParanoiaLevel = 4 }, out _)!;
        var other = rules.Prepare(new InspectionOptions { Exclusions = rules.Contains(1) ? [new RuleExclusion("1-99999", "ARGS")] : [] }, out _)!;
        using var busy = rules.Begin(other);
        busy.RequestLine("GET"u8, "/?key=%27"u8, "HTTP/1.1"u8);
        var first = request.Run(rules, settings);
        before.Run(rules, other);
        for (var again = 0; again < 2; again++)
        {
            var second = request.Run(rules, settings);
            BrokenInvariantException.Unless(first == second, $"a reused transaction comes to the same:\n{first}\n---\n{second}");
        }
    }

    private static RuleSet Rules(string[] sources)
    {
        var result = RuleSet.Load(sources, AppContext.BaseDirectory);
        return result.RuleSet ?? throw new InvalidOperationException(string.Join('\n', result.Errors));
    }
}
