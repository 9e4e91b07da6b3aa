using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Routing;

namespace Portcullis.Gateway.Policies.Transform;

/// <summary>Changes the request for its upstream, after everything has been checked, and the upstream's response.</summary>
/// <param name="request">Changes to request fields.</param>
/// <param name="response">Changes to response fields.</param>
/// <param name="path">Change of the path; null: none.</param>
/// <param name="setsAuthorization">Whether the request gets credentials of the gateway's own, which go on whatever becomes of the client's.</param>
internal sealed class TransformPolicy(FieldChanges request, FieldChanges response, PathRewrite? path, bool setsAuthorization) : Policy
{
    private readonly FieldSpellings replaced = new(request.Replaced);

    public override Stage Stage => Stage.Shape;

    public override bool ActsOnResponse => !response.IsEmpty;

    public override ValueTask<Verdict> OnRequestAsync(Exchange exchange)
    {
        replaced.RemoveFrom(exchange.RequestHeaders, exchange.HasPlainFields);
        request.Apply(exchange.RequestHeaders);
        if (setsAuthorization) exchange.ForwardAuthorization = true;
        if (path is not null) exchange.UpstreamPath = path.Apply(exchange.Target).Path.ToString();
        return new(Verdict.Continue);
    }

    public override Verdict OnResponse(Exchange exchange)
    {
        if (exchange.Code is null) response.Apply(exchange.ResponseHeaders);
        return Verdict.Continue;
    }

    public override void OnRequestTrailers(IHeaderDictionary trailers) => replaced.RemoveFrom(trailers, arePlain: false);

    public override void OnResponseTrailers(IHeaderDictionary trailers) => response.ApplyToTrailers(trailers);
}
