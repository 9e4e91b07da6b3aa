using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Portcullis.Gateway.Connections;

/// <summary>
/// Listens to what Kestrel tells about requests that it refuses by itself, and has them answered. Kestrel raises the event with the
/// error's status set and before it sends a head of its own.
/// </summary>
internal sealed class RefusalEvents(IRefusalWriter writer) : DiagnosticListener("Portcullis.Listener")
{
    private const string BadRequest = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    public override bool IsEnabled(string name) => name == BadRequest;

    public override bool IsEnabled(string name, object? arg1, object? arg2 = null) => name == BadRequest;

    public override void Write(string name, object? value)
    {
        if (name != BadRequest || value is not IFeatureCollection features) return;
        if (features.Get<IHttpResponseFeature>() is not { HasStarted: false }) return;

        var error = features.Get<IBadRequestExceptionFeature>()?.Error as Microsoft.AspNetCore.Http.BadHttpRequestException;
        writer.Write(features, error?.StatusCode ?? 400, error?.Message ?? "malformed request");
    }
}
