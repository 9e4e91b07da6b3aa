using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Policies.Waf;

/// <summary>A gateway with the waf policy, rules of the test's own, and an upstream that notes what reaches it.</summary>
internal sealed class WafGateway : IAsyncDisposable
{
    /// <summary>Rules that look at one word everywhere: in the query, in fields, in bodies, in responses.</summary>
    public const string Rules = """
        SecDefaultAction "phase:1,log,pass"
        SecDefaultAction "phase:2,log,pass"
        SecAction "id:1,phase:1,nolog,pass,setvar:tx.blocking_inbound_anomaly_score=0,setvar:tx.inbound_anomaly_score_threshold=5"
        SecRule REQUEST_HEADERS:Content-Type "@rx ^application/json" "id:2,phase:1,nolog,pass,ctl:requestBodyProcessor=JSON"
        SecRule REQBODY_PROCESSOR "!@rx ^(?:URLENCODED|MULTIPART|JSON|XML)$" "id:3,phase:1,nolog,pass,ctl:forceRequestBodyVariable=On"
        SecRule REQUEST_HEADERS|REQUEST_LINE "@contains headattack" "id:100,phase:1,deny,status:403,msg:'In the head',severity:CRITICAL"
        SecRule ARGS|REQUEST_BODY "@contains bodyattack" "id:200,phase:2,pass,msg:'In the body',tag:'attack-test',severity:CRITICAL,setvar:tx.blocking_inbound_anomaly_score=+5"
        SecRule REQBODY_ERROR "!@eq 0" "id:201,phase:2,pass,msg:'Broken body',severity:CRITICAL,setvar:tx.blocking_inbound_anomaly_score=+5"
        SecRule ARGS:go "@streq away" "id:202,phase:2,redirect:https://safe.example.com/,status:302"
        SecRule ARGS:go "@streq dead" "id:203,phase:2,drop"
        SecRule ARGS:go "@streq teapot" "id:204,phase:2,deny,status:418"
        SecRule TX:blocking_inbound_anomaly_score "@ge %{tx.inbound_anomaly_score_threshold}" "id:299,phase:2,deny,status:403,msg:'Too high'"
        SecRule RESPONSE_HEADERS:X-Leak "@contains secret" "id:300,phase:3,deny,status:502,msg:'Leak in a field'"
        SecRule RESPONSE_BODY "@contains stacktrace" "id:400,phase:4,deny,status:502,msg:'Leak in the body'"
        """;

    private readonly TemporaryDirectory directory = new();
    private readonly ConcurrentQueue<Seen> seen = new();
    private TestUpstream upstream = null!;

    private WafGateway()
    {
    }

    /// <summary>What the upstream got.</summary>
    public sealed record Seen(string Method, string Target, string Body, IReadOnlyDictionary<string, string> Fields);

    public TestGateway Gateway { get; private set; } = null!;

    public IReadOnlyCollection<Seen> Upstream => [.. seen];

    public string RulesPath => Path.Combine(directory.Path, "rules.conf");

    /// <param name="policy">The options of waf, as the file has them.</param>
    /// <param name="section">The section waf, without its rules.</param>
    /// <param name="rules">The rule file.</param>
    /// <param name="answer">What the upstream answers; null: ok as text/plain.</param>
    /// <param name="telemetry">Further keys of telemetry.</param>
    /// <param name="protocols">Of the upstream.</param>
    /// <param name="clock">The gateway's clock.</param>
    /// <param name="answersFirst">Whether the upstream answers before it reads.</param>
    public static async Task<WafGateway> StartAsync(
        string policy = "block",
        string section = "onFault: block",
        string rules = Rules,
        RequestDelegate? answer = null,
        string telemetry = "showMatchedValues: true",
        HttpProtocols protocols = HttpProtocols.Http1,
        TimeProvider? clock = null,
        bool answersFirst = false)
    {
        var all = new WafGateway();
        all.directory.Write("rules.conf", rules);
        all.upstream = await TestUpstream.StartAsync(
            async context =>
            {
                if (answersFirst)
                {
                    await answer!(context);
                    return;
                }

                using var reader = new StreamReader(context.Request.Body, Encoding.Latin1);
                var body = await reader.ReadToEndAsync();
                all.seen.Enqueue(new Seen(context.Request.Method, context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget, body,
                    context.Request.Headers.ToDictionary(field => field.Key, field => field.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
                if (answer is not null)
                {
                    await answer(context);
                    return;
                }

                context.Response.ContentType = "text/plain";
                await context.Response.WriteAsync("ok");
            },
            protocols);
        all.Gateway = await TestGateway.StartAsync(all.Configuration(policy, section, telemetry, protocols == HttpProtocols.Http2), clock);
        return all;
    }

    public string Configuration(string policy = "block", string section = "onFault: block", string telemetry = "showMatchedValues: true", bool isHttp2 = false) => $$"""
        listeners:
          public: { address: "127.0.0.1:0" }
          secure: { address: "127.0.0.1:0", tls: {} }
        clusters: { up: { destinations: ["{{upstream.Url}}"]{{(isHttp2 ? ", protocol: http2" : "")}}, bodyTimeout: 2s } }
        waf:
          rules: ["{{RulesPath}}"]
          {{section}}
        routes:
          all: { match: { path: "/{**rest}" }, cluster: up, policies: { authenticate: none, waf: {{policy}} } }
        telemetry: { decisionLog: "{decisionLog}", {{telemetry}} }
        """;

    /// <summary>The member waf of the newest of so many decisions.</summary>
    public async Task<JsonElement> WafAsync(int decisions = 1) => (await Gateway.DecisionsAsync(decisions))[^1].GetProperty("waf");

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await upstream.DisposeAsync();
        directory.Dispose();
    }
}
