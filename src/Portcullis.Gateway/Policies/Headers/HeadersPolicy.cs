using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Fields;
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

    private readonly PresetField[] set;
    private readonly FieldNames remove;
    private readonly PresetField? contentSecurityPolicy;
    private readonly PresetField? strictTransportSecurity;
    private readonly bool keepsCsp;

    /// <param name="set">Fields for every response, but the two below.</param>
    /// <param name="contentSecurityPolicy">Null: the upstream's stays.</param>
    /// <param name="strictTransportSecurity">Null: the upstream's stays over https.</param>
    /// <param name="keepsCsp">Whether a policy of the upstream's is left alone.</param>
    /// <param name="remove">Fields that no response has.</param>
    public HeadersPolicy(IEnumerable<KeyValuePair<string, string>> set, string? contentSecurityPolicy, string? strictTransportSecurity, bool keepsCsp, IEnumerable<string> remove)
    {
        this.set = [.. set.Select(field => new PresetField(field.Key, field.Value))];
        this.remove = new FieldNames(remove);
        this.contentSecurityPolicy = contentSecurityPolicy is null ? null : new PresetField(ContentSecurity, contentSecurityPolicy);
        this.strictTransportSecurity = strictTransportSecurity is null ? null : new PresetField(TransportSecurity, strictTransportSecurity);
        this.keepsCsp = keepsCsp;
    }

    /// <summary>The first stage, whose response side comes last: nothing changes what is set here.</summary>
    public override Stage Stage => Stage.Admit;

    public override bool ActsOnResponse => true;

    public override Verdict OnResponse(Exchange exchange)
    {
        var headers = exchange.ResponseHeaders;
        remove.RemoveFrom(headers);
        foreach (var field in set) field.SetIn(headers);

        // A page of the gateway's own brings the policy that fits it, which is no weaker.
        var keeps = (keepsCsp || exchange.Code is not null) && headers.ContainsKey(ContentSecurity);
        if (!keeps) contentSecurityPolicy?.SetIn(headers);

        // RFC 6797 §7.2: never over plain HTTP, whoever wrote it.
        if (exchange.Scheme != "https") headers.Remove(TransportSecurity);
        else strictTransportSecurity?.SetIn(headers);
        return Verdict.Continue;
    }

    /// <summary>Recipients may merge trailers into the head (RFC 9110 §6.5.1), where these have been decided about.</summary>
    public override void OnResponseTrailers(IHeaderDictionary trailers)
    {
        remove.RemoveFrom(trailers);
        foreach (var field in set) trailers.Remove(field.Name);
        trailers.Remove(ContentSecurity);
        trailers.Remove(TransportSecurity);
    }
}
