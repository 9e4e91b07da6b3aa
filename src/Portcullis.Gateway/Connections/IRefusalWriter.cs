using Microsoft.AspNetCore.Http.Features;

namespace Portcullis.Gateway.Connections;

/// <summary>Answers the requests that the HTTP parser refuses, which never reach the application.</summary>
public interface IRefusalWriter
{
    /// <summary>
    /// Writes the answer and counts it. Called while the parser holds the connection: must complete synchronously and may only write a few
    /// kilobytes. Nothing has been sent when it is called, and the connection closes afterwards. What it throws is swallowed: the client
    /// then gets the bare status.
    /// </summary>
    /// <param name="features">
    /// The request as far as it was read: method, target and fields may be missing. The response's status is set already.
    /// </param>
    /// <param name="status">400, 408, 413, 414, 417, 431, 505 and the like.</param>
    /// <param name="cause">The parser's words, for logs only: may quote the client.</param>
    void Write(IFeatureCollection features, int status, string cause);
}
