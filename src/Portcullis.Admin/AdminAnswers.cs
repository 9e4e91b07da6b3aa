using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Telemetry;

namespace Portcullis.Admin;

/// <summary>
/// Gives every answer of the admin listener a request id, and what it refuses the same problem document as on the data listeners.
/// Stands before all else there, so that it sees every failure.
/// </summary>
internal sealed partial class AdminAnswers(ILogger<AdminAnswers> logger)
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var requestId = Identifiers.NewRequestId();
        context.Response.Headers["X-Request-Id"] = requestId;
        RefusalCode? refusal;
        try
        {
            await next(context);
            refusal = context.Response switch
            {
                { HasStarted: true } => null,
                { StatusCode: StatusCodes.Status404NotFound } => RefusalCode.RouteNotFound,
                { StatusCode: StatusCodes.Status405MethodNotAllowed } => RefusalCode.MethodNotSupported,
                _ => null,
            };
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LogFailed(logger, exception, requestId);
            refusal = RefusalCode.InternalError;
        }

        if (refusal is not null) await RefuseAsync(context, refusal, requestId);
    }

    private static async Task RefuseAsync(HttpContext context, RefusalCode refusal, string requestId)
    {
        if (context.Response.HasStarted)
        {
            // Nothing can be taken back: an incomplete answer must not look complete.
            context.Abort();
            return;
        }

        var body = refusal.Problem(requestId);
        context.Response.StatusCode = refusal.Status;
        context.Response.ContentType = RefusalCode.ProblemMediaType;
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    [LoggerMessage(EventId = 5001, Level = LogLevel.Error, Message = "Request {RequestId} to the admin listener failed inside the gateway and was refused")]
    private static partial void LogFailed(ILogger logger, Exception exception, string requestId);
}
