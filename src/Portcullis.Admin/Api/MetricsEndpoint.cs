using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Portcullis.Gateway;
using Portcullis.Gateway.Telemetry;

namespace Portcullis.Admin.Api;

/// <summary><c>/metrics</c>: Prometheus text.</summary>
internal static class MetricsEndpoint
{
    public static void MapMetrics(this IEndpointRouteBuilder routes, DataPlaneHost dataPlane)
        => routes.MapGet("/metrics", async context =>
        {
            context.Response.ContentType = PrometheusText.ContentType;
            await context.Response.WriteAsync(PrometheusText.Write(dataPlane), context.RequestAborted);
        });
}
