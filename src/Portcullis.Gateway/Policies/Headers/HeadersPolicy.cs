using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies.Headers;

/// <summary>
/// Puts security fields on every response of the route, refusals included, and takes version banners off. The gateway's values win.
/// Everything is computed when the configuration is compiled.
/// </summary>
internal sealed class HeadersPolicy : Policy
{
    private const string TransportSecurity = "Strict-Transport-Security";
    private const string ContentSecurity = "Content-Security-Policy";

    private readonly KeyValuePair<string, StringValues>[] set;
    private readonly string[] remove;
    private readonly StringValues contentSecurityPolicy;
    private readonly StringValues strictTransportSecurity;
    private readonly bool keepsCsp;

    /// <param name="set">Fields for every response, but the two below.</param>
    /// <param name="contentSecurityPolicy">Null: the upstream's stays.</param>
    /// <param name="strictTransportSecurity">Null: the upstream's stays over https.</param>
    /// <param name="keepsCsp">Whether a policy of the upstream's is left alone.</param>
    /// <param name="remove">Fields that no response has.</param>
    public HeadersPolicy(IEnumerable<KeyValuePair<string, string>> set, string? contentSecurityPolicy, string? strictTransportSecurity, bool keepsCsp, IEnumerable<string> remove)
    {
        this.set = [.. set.Select(field => KeyValuePair.Create(field.Key, new StringValues(field.Value)))];
        this.remove = [.. remove];
        this.contentSecurityPolicy = contentSecurityPolicy;
        this.strictTransportSecurity = strictTransportSecurity;
        this.keepsCsp = keepsCsp;
    }

    /// <summary>The first stage, whose response side comes last: nothing changes what is set here.</summary>
    public override Stage Stage => Stage.Admit;

    public override bool ActsOnResponse => true;

    public override Verdict OnResponse(Exchange exchange)
    {
        var headers = exchange.ResponseHeaders;
        foreach (var name in remove) headers.Remove(name);
        foreach (var (name, value) in set) headers[name] = value;

        // A page of the gateway's own brings the policy that fits it, which is no weaker.
        var keeps = headers.ContentSecurityPolicy.Count > 0 && (keepsCsp || exchange.Code is not null);
        if (contentSecurityPolicy.Count > 0 && !keeps) headers[ContentSecurity] = contentSecurityPolicy;

        // RFC 6797 §7.2: never over plain HTTP, whoever wrote it.
        if (exchange.Scheme != "https") headers.Remove(TransportSecurity);
        else if (strictTransportSecurity.Count > 0) headers[TransportSecurity] = strictTransportSecurity;
        return Verdict.Continue;
    }

    /// <summary>Recipients may merge trailers into the head (RFC 9110 §6.5.1), where these have been decided about.</summary>
    public override void OnResponseTrailers(IHeaderDictionary trailers)
    {
        foreach (var name in remove) trailers.Remove(name);
        foreach (var (name, _) in set) trailers.Remove(name);
        trailers.Remove(ContentSecurity);
        trailers.Remove(TransportSecurity);
    }
}
