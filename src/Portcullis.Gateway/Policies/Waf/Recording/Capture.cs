using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Telemetry;

namespace Portcullis.Gateway.Policies.Waf.Recording;

/// <summary>Makes a record of a request that is over.</summary>
internal static class Capture
{
    private static readonly string[] Credentials = ["Authorization", "Proxy-Authorization"];

    public static RecordedRequest Of(Exchange exchange, ReadOnlyMemory<byte> body, WafDecision decision, DateTimeOffset time) => new()
    {
        RequestId = exchange.RequestId,
        Time = time,
        Listener = exchange.ListenerName,
        Scheme = exchange.Scheme,
        Address = exchange.ClientAddress.ToString(),
        Method = exchange.Method,
        Target = exchange.RawTarget,
        Protocol = exchange.Protocol,
        Fields = [.. Fields(exchange)],
        Body = body.ToArray(),
        Code = exchange.Code?.Code,
        Rules = decision.Rules,
        Score = decision.Score,
    };

    private static IEnumerable<RecordedField> Fields(Exchange exchange)
    {
        foreach (var (name, values) in exchange.RequestHeaders)
        {
            if (Credentials.Contains(name, StringComparer.OrdinalIgnoreCase)) continue;
            foreach (var value in values) yield return new RecordedField(name, value ?? string.Empty);
        }
    }
}
