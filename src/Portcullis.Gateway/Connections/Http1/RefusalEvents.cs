using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>
/// Listens to what Kestrel tells about requests that it refuses by itself, and has them answered. Kestrel raises the event before it sends
/// a bare head of its own, at a point where the request has no response body yet, so the answer goes to the connection's
/// <see cref="RefusableOutput"/>, which then swallows Kestrel's.
/// </summary>
/// <remarks>Only HTTP/1.1: over HTTP/2 what is malformed ends in RST_STREAM or GOAWAY, as RFC 9113 §8.1.1 has it.</remarks>
internal sealed class RefusalEvents(IRefusals refusals, TimeProvider time) : DiagnosticSource
{
    private const string BadRequest = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    public override bool IsEnabled(string name) => name == BadRequest;

    public override bool IsEnabled(string name, object? arg1, object? arg2 = null) => name == BadRequest;

    public override void Write(string name, object? value)
    {
        if (name != BadRequest || value is not IFeatureCollection request) return;

        // The end of a body that is found broken after the answer is only worth closing the connection, which Kestrel does.
        if (request.Get<IHttpResponseFeature>() is not { HasStarted: false }) return;
        if (request.Get<RefusableOutput>() is not { } output) return;

        var error = request.Get<IBadRequestExceptionFeature>()?.Error as BadHttpRequestException;
        var status = error?.StatusCode ?? StatusCodes.Status400BadRequest;
        var reply = refusals.Answer(request, status, error?.Message ?? "malformed request");
        output.Refuse(status, reply, withoutBody: request.Get<IHttpRequestFeature>()?.Method == HttpMethods.Head, time.GetUtcNow());
    }
}
