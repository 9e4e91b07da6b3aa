using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Portcullis.Gateway.Forwarding.Sockets;

/// <summary>Turns what <see cref="SocketsHttpHandler"/> throws into the gateway's errors.</summary>
internal static class SocketsErrors
{
    /// <summary>Broken I/O, as opposed to a bug.</summary>
    public static bool IsExpected(Exception e)
        => e is HttpRequestException or IOException or OperationCanceledException or SocketException or AuthenticationException or ObjectDisposedException or InvalidDataException;

    /// <summary>The error of a try that brought no response head.</summary>
    /// <param name="e">What the handler threw.</param>
    /// <param name="wasSent">Whether the request's head was written.</param>
    /// <param name="cancellationToken">The try's time-out.</param>
    public static ForwardError Classify(Exception e, bool wasSent, CancellationToken cancellationToken)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is UpstreamConnectException connect) return connect.Error;
        }

        if (e is OperationCanceledException)
        {
            // The handler's own connect time-out comes as a cancellation that nobody asked for, and so does a reset while the body is waited for.
            return cancellationToken.IsCancellationRequested ? ForwardError.Timeout : wasSent ? ForwardError.NoResponse : ForwardError.Connect;
        }

        if (e is not HttpRequestException request) return ForwardError.NoResponse;
        return request.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => ForwardError.Resolve,
            HttpRequestError.ConnectionError => ForwardError.Connect,
            HttpRequestError.SecureConnectionError or HttpRequestError.VersionNegotiationError => ForwardError.Tls,
            HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded => ForwardError.InvalidResponse,
            HttpRequestError.HttpProtocolError => IsReset(e) ? ForwardError.NoResponse : ForwardError.InvalidResponse,
            HttpRequestError.ExtendedConnectNotSupported => ForwardError.Upgrade,
            _ => ForwardError.NoResponse,
        };
    }

    /// <summary>The error of a body that broke off.</summary>
    public static ForwardError ClassifyBody(Exception e) => e is HttpIOException { HttpRequestError: HttpRequestError.InvalidResponse } ? ForwardError.InvalidResponse : ForwardError.ResponseBody;

    /// <summary>The system's words, innermost last.</summary>
    public static string Describe(string authority, Exception e)
    {
        var innermost = e;
        while (innermost.InnerException is { } inner) innermost = inner;
        return ReferenceEquals(innermost, e) ? $"{authority}: {e.Message}" : $"{authority}: {e.Message} {innermost.Message}";
    }

    // RFC 9113 §7: the peer ended the stream or connection; with PROTOCOL_ERROR and the like it, or what it sent, was broken.
    private static bool IsReset(Exception e)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is HttpProtocolException protocol) return protocol.ErrorCode is 0 or 2 or 7 or 8 or 11;
        }

        return false;
    }
}
