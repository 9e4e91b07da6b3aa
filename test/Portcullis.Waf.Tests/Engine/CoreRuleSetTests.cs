using Portcullis.Waf.Engine;
using Portcullis.Waf.Tests.Support;

namespace Portcullis.Waf.Tests.Engine;

/// <summary>The OWASP Core Rule Set 3.3 as Debian's modsecurity-crs installs it.</summary>
public sealed class CoreRuleSetTests
{
    private const string Setup = "/etc/modsecurity/crs/crs-setup.conf";
    private const string RuleFiles = "/usr/share/modsecurity-crs/rules/*.conf";

    private static readonly Lazy<RuleSetResult> Loaded = new(() => RuleSet.Load([Setup, RuleFiles], "/"));

    private static readonly Exchange Benign = new()
    {
        Target = "/articles/2024/hello-world?page=2&sort=date",
        Headers =
        [
            ("Host", "www.example.com"), ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"), ("Accept", "text/html,application/xhtml+xml"),
            ("Accept-Language", "en-US,en;q=0.5"), ("Accept-Encoding", "gzip, deflate"), ("Cookie", "session=0123456789abcdef; theme=dark"),
        ],
    };

    private static readonly Exchange[] Mixed =
    [
        Benign,
        Benign with { Target = "/?id=1%27%20or%20%271%27=%271" },
        Benign with { Target = "/?q=%3Cscript%3Ealert(1)%3C/script%3E" },
        Benign with { Target = "/?file=../../../../etc/passwd" },
        Benign with { Method = "POST", Headers = [.. Benign.Headers, ("Content-Type", "application/json")], Body = "{\"a\":[1,2,{\"b\":\"; cat /etc/passwd\"}]}" },
        Benign with { Method = "POST", Headers = [.. Benign.Headers, ("Content-Type", "application/x-www-form-urlencoded")], Body = "name=J%C3%BCrgen&text=it%27s+fine" },
        Benign with { Method = "POST", Headers = [.. Benign.Headers, ("Content-Type", "text/xml")], Body = "<a b='c'>union select 1</a>" },
    ];

    [Fact]
    public void It_loads_without_errors_and_with_the_expected_notes()
    {
        Assert.InRange(Rules().RuleCount, 600, 700);
        Assert.Equal(["@geoLookup never matches here", "@rbl never matches here"], Loaded.Value.Notes.Select(note => note.Message.Split(':')[0]));
    }

    [Fact]
    public void A_warm_transaction_of_a_benign_get_allocates_nothing()
    {
        var rules = Rules();
        var settings = rules.Prepare(new InspectionOptions { ParanoiaLevel = 1 }, out _)!;
        var fields = Benign.Headers.Select(field => (Name: System.Text.Encoding.ASCII.GetBytes(field.Name), Value: System.Text.Encoding.ASCII.GetBytes(field.Value))).ToArray();
        var target = System.Text.Encoding.ASCII.GetBytes(Benign.Target);
        var hits = 0;
        var bytes = AllocatedBytes.PerOperation(() =>
        {
            using var transaction = rules.Begin(settings);
            transaction.Connection("192.0.2.7"u8, 40000, "198.51.100.1"u8, 443);
            transaction.RequestLine("GET"u8, target, "HTTP/1.1"u8);
            foreach (var (name, value) in fields) transaction.RequestHeader(name, value);
            transaction.ProcessRequestHeaders();
            transaction.ProcessRequestBody();
            transaction.ResponseStatus(200, "HTTP/1.1"u8);
            transaction.ResponseHeader("Content-Type"u8, "text/html"u8);
            transaction.ProcessResponseHeaders();
            transaction.ProcessResponseBody();
            transaction.ProcessLogging();
            hits += transaction.Hits.Count;
        });
        Assert.Equal(0, bytes);
        Assert.Equal(0, hits);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Many_threads_find_what_one_finds(int paranoia)
    {
        var rules = Rules();
        var settings = rules.Prepare(new InspectionOptions { Mode = EngineMode.DetectionOnly, ParanoiaLevel = paranoia }, out _)!;
        string Run(Exchange exchange)
        {
            using var transaction = rules.Begin(settings);
            var outcome = exchange.Run(transaction);
            return $"{outcome.Ids} {outcome.InboundScore} {string.Join('|', outcome.Hits.Select(hit => hit.Data))}";
        }

        var alone = Mixed.Select(Run).ToArray();
        Assert.Contains("942100", alone[1], StringComparison.Ordinal);
        Assert.Contains("941100", alone[2], StringComparison.Ordinal);
        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 8 }, at => Assert.Equal(alone[at % Mixed.Length], Run(Mixed[at % Mixed.Length])));
    }

    [Fact]
    public void Paranoia_and_threshold_of_the_route_decide()
    {
        var attack = Mixed[1];
        Assert.Equal(403, attack.Run(Rules(), new InspectionOptions { ParanoiaLevel = 1 }).Interruption?.Status);
        Assert.Null(attack.Run(Rules(), new InspectionOptions { ParanoiaLevel = 1, InboundThreshold = 1000 }).Interruption);
        Assert.Null(attack.Run(Rules(), new InspectionOptions { ParanoiaLevel = 1, Exclusions = [new RuleExclusion("attack-sqli", "ARGS:id")] }).Interruption);
        Assert.True(attack.Run(Rules(), new InspectionOptions { ParanoiaLevel = 4, Mode = EngineMode.DetectionOnly }).InboundScore > attack.Run(Rules(), new InspectionOptions { ParanoiaLevel = 1, Mode = EngineMode.DetectionOnly }).InboundScore);
    }

    private static RuleSet Rules()
    {
        Requirement.System(File.Exists(Setup), $"{Setup} is absent (Debian package modsecurity-crs)");
        Assert.Empty(Loaded.Value.Errors);
        return Loaded.Value.RuleSet!;
    }
}
