using Microsoft.AspNetCore.Http;

namespace Portcullis.Gateway.Forwarding;

/// <summary>What an exception from the reading of a client's body says about the client.</summary>
internal static class ClientFailure
{
    /// <summary><see cref="ForwardError.None"/> where the client is not to blame.</summary>
    public static ForwardError Of(Exception exception) => exception switch
    {
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => ForwardError.RequestTooLarge,
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => ForwardError.RequestTimeout,
        BadHttpRequestException => ForwardError.RequestBody,

        // InvalidOperationException: the server has completed its reader because the client is gone.
        IOException or OperationCanceledException or InvalidOperationException => ForwardError.ClientAborted,
        _ => ForwardError.None,
    };
}
