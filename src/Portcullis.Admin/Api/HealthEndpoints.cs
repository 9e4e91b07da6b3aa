using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Portcullis.Gateway;

namespace Portcullis.Admin.Api;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: it serves requests, 503 before the first configuration and while it stops.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes, DataPlaneHost dataPlane)
    {
        routes.MapMethods("/health/live", ["GET", "HEAD"], context => Respond(context, 200, json => json.WriteString("status"u8, "live"u8)));
        routes.MapMethods("/health/ready", ["GET", "HEAD"], context => Respond(context, dataPlane.IsReady ? 200 : 503, json => WriteReadiness(json, dataPlane)));
    }

    private static void WriteReadiness(Utf8JsonWriter json, DataPlaneHost dataPlane)
    {
        json.WriteString("status"u8, dataPlane.IsReady ? "ready"u8 : "not ready"u8);
        json.WriteNumber("configurationVersion"u8, dataPlane.Version);

        // The last good configuration goes on serving, so a refused one does not make the node unready; it must be seen, though.
        var problems = dataPlane.LastProblems;
        json.WriteBoolean("configurationCurrent"u8, problems.Count == 0);
        json.WriteStartArray("configurationProblems"u8);
        foreach (var problem in problems) json.WriteStringValue(problem);
        json.WriteEndArray();

        if (dataPlane.KeyProblem is { } keyProblem) json.WriteString("keyProblem"u8, keyProblem);

        json.WriteStartObject("listeners"u8);
        foreach (var (name, listener) in dataPlane.Listeners)
        {
            json.WriteStartObject(name);
            json.WriteString("address"u8, listener.EndPoint.ToString());
            if (listener.CertificateProblem is { } problem) json.WriteString("certificateProblem"u8, problem);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    // Whole before anything of it is sent: half of it must not stand before an answer that says that it failed.
    private static async Task Respond(HttpContext context, int status, Action<Utf8JsonWriter> write)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.WrittenCount;
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.BodyWriter.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }
}
