using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Tests.Connections.Http1;

/// <summary>The request cases of another HTTP/1.1 parser, sent to a real listener; every difference is deliberate and has its reason here.</summary>
public sealed partial class LlhttpTests
{
    private static readonly Dictionary<string, string> StricterHere = new(StringComparer.Ordinal)
    {
        ["content-length: Content-Length reset when no body is received"] = "the case skips the body by a callback; a server waits for it",
        ["method: M-SEARCH request"] = "the target * goes with OPTIONS only (RFC 9112 §3.2.4)",
        ["method: SOURCE request with ICE"] = "another protocol",
        ["method: OPTIONS request with RTSP"] = "another protocol",
        ["method: ANNOUNCE request with RTSP"] = "another protocol",
        ["sample: curl GET"] = "Host holds = , which is no port (RFC 9110 §7.2)",
        ["sample: Firefox GET"] = "Host holds = , which is no port (RFC 9110 §7.2)",
        ["sample: No HTTP version"] = "HTTP/0.9 has no fields, so no Host and no end that can be trusted",
        ["transfer-encoding: Trailing headers"] = "Content-Type may not stand in trailers (RFC 9110 §6.5.1)",
        ["transfer-encoding: POST with `chunked` as last transfer-encoding"] = "only chunked alone is taken: the gateway would have to undo the coding to inspect the content",
        ["transfer-encoding: POST with `chunked` as last transfer-encoding (multiple headers)"] = "only chunked alone is taken",
        ["uri: Host terminated by a query string"] = "a target in absolute form must name the host that Host names (the case has no Host)",
        ["uri: `host:port` terminated by a query string"] = "a target in absolute form must name the host that Host names",
        ["uri: `host:port` terminated by a space"] = "a target in absolute form must name the host that Host names",
        ["uri: Quotes in URI"] = "a quote must be percent-encoded (RFC 3986 §3.3)",
        ["uri: Fragment in URI"] = "a target has no fragment (RFC 9112 §3.2)",
        ["uri: `host:port` and basic auth"] = "user information in a target is refused (RFC 9110 §4.2.4)",
    };

    private static readonly Dictionary<string, string> MoreLenientHere = new(StringComparer.Ordinal)
    {
        ["connection: CRLF between requests, explicit `close`"] = "what follows a request with Connection: close is never read",
        ["connection: CRLF between requests, explicit `close` followed by tab"] = "what follows a request with Connection: close is never read",
        ["invalid: HTTP protocol and ANNOUNCE method"] = "any token is a method (RFC 9110 §9.1); routes say which they take",
    };

    [Fact]
    public async Task Requests_are_taken_and_refused_as_llhttp_does_but_for_stated_differences()
    {
        var cases = LlhttpCase.Read(Requirement.Data("llhttp-http1", "request")).Where(each => !each.IsAboutTheLibrary && (each.IsRefused || each.Complete > 0)).ToList();
        Assert.True(cases.Count > 80, $"only {cases.Count} cases were read");

        var limits = new ListenerLimits { HeaderTimeout = TimeSpan.FromSeconds(1), KeepAliveTimeout = TimeSpan.FromSeconds(1) };
        await using var listener = await TestListener.StartAsync(TestListener.Plain with { Limits = limits }, new EchoApplication { Handler = CheckAsync });
        var outcomes = await Task.WhenAll(cases.Select(each => SendAsync(listener, each)));

        var surprises = new List<string>();
        var unused = StricterHere.Keys.Concat(MoreLenientHere.Keys).ToHashSet(StringComparer.Ordinal);
        foreach (var (each, response) in cases.Zip(outcomes))
        {
            var refused = Refusal().IsMatch(response) || response.Length == 0;
            if (refused == each.IsRefused) continue;
            if ((refused ? StricterHere : MoreLenientHere).ContainsKey(each.Name)) unused.Remove(each.Name);
            else surprises.Add($"{(refused ? "refused" : "taken")} here: {each.Name}\n{each.Request}\n-- llhttp: {each.Log.Trim().Split('\n')[^1]}\n-- here: {response}\n");
        }

        Assert.True(surprises.Count == 0, string.Join("\n", surprises));
        Assert.Empty(unused);
    }

    private static async Task<string> SendAsync(Listener listener, LlhttpCase each)
    {
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync(each.Sent);
        return await client.ReadToEndAsync();
    }

    private static async Task CheckAsync(IFeatureCollection context)
    {
        var request = context.GetRequiredFeature<IHttpRequestFeature>();
        var defect = RequestHeaderRules.Check(request.Headers, request.Protocol) ?? TargetDefect(context);
        if (defect is null)
        {
            try
            {
                await request.Body.CopyToAsync(Stream.Null);
            }
            catch (BadHttpRequestException exception)
            {
                defect = new RequestDefect(exception.StatusCode, exception.Message);
            }
        }

        if (defect is null && context.Get<IHttpRequestTrailersFeature>() is { Available: true } trailers) defect = RequestHeaderRules.CheckTrailers(trailers.Trailers);
        context.GetRequiredFeature<IHttpResponseFeature>().StatusCode = defect?.Status ?? 200;
        await EchoApplication.AnswerAsync(context, defect?.Cause ?? "taken");
    }

    private static RequestDefect? TargetDefect(IFeatureCollection context)
    {
        var exchange = new Exchange();
        exchange.Begin(context);
        var verdict = TargetReading.Read(exchange, EncodedSlashes.Refuse);
        return verdict.IsRefusal ? new RequestDefect(verdict.Code.Status, verdict.Cause!) : null;
    }

    [GeneratedRegex("^HTTP/1.1 [45]", RegexOptions.Multiline)]
    private static partial Regex Refusal();
}
