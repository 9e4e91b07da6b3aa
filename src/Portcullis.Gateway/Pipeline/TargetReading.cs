using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Routing;

namespace Portcullis.Gateway.Pipeline;

/// <summary>Reads method, host and target of a request, once.</summary>
internal static class TargetReading
{
    private static readonly TargetOptions Refusing = TargetOptions.Default;
    private static readonly TargetOptions Keeping = TargetOptions.Default with { EncodedSlashes = EncodedSlashes.Keep };

    public static Verdict Read(Exchange exchange, EncodedSlashes encodedSlashes)
    {
        if (Methods.IsLookalike(exchange.Method)) return Verdict.Refuse(RefusalCode.RequestMalformed, "the method is a usual one in unusual case");
        var isHttp1 = exchange.Protocol is "HTTP/1.1" or "HTTP/1.0";
        var hosts = exchange.RequestHeaders.Host;
        if (hosts.Count == 0 && exchange.Protocol == "HTTP/1.0")
        {
            // RFC 9112 §3.2: only HTTP/1.0 may leave Host out; such a request matches routes for any host.
        }
        else if (hosts.Count == 1 && ReferenceEquals(hosts[0], exchange.LastHost.Text))
        {
            (_, exchange.Host, exchange.Authority) = exchange.LastHost;
        }
        else if (!HostName.TryNormalise(hosts, out var host, out var brokenHost))
        {
            return Verdict.Refuse(RefusalCode.RequestMalformed, brokenHost.Text());
        }
        else
        {
            exchange.Host = host;
            exchange.Authority = host.Authority(hosts[0]!);
            exchange.LastHost = (hosts[0]!, host, exchange.Authority);
        }

        var source = isHttp1 ? TargetSource.RequestLine
            : exchange.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } ? TargetSource.ExtendedConnect
            : TargetSource.PathField;
        var options = encodedSlashes == EncodedSlashes.Keep ? Keeping : Refusing;
        if (!TargetNormaliser.TryNormalise(exchange.RawTarget, exchange.Method, exchange.Host, source, options, out var target, out var broken))
        {
            if (broken == TargetRule.Connect)
            {
                // RFC 9110 §10.2.1: nothing is allowed on what a tunnel would lead to.
                exchange.AddResponseField(HeaderNames.Allow, string.Empty);
                return Verdict.Refuse(RefusalCode.MethodNotSupported, broken.Text());
            }

            return Verdict.Refuse(broken.IsTooLong() ? RefusalCode.TargetTooLong : RefusalCode.RequestMalformed, broken.Text());
        }

        exchange.Target = target;
        return Verdict.Continue;
    }
}
