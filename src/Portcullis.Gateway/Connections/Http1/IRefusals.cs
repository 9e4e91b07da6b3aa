using Microsoft.AspNetCore.Http.Features;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>Answers, and counts, the requests that the HTTP/1.1 parser refuses, which never reach the application.</summary>
public interface IRefusals
{
    /// <summary>Says what the client gets. Called while the parser holds the connection, so it must not wait for anything.</summary>
    /// <param name="request">
    /// The request as far as it was read: method, target and fields may be missing or cut short, and are only fit for the log.
    /// <see cref="ClientConnection"/> is there.
    /// </param>
    /// <param name="status">400, 408, 411, 413, 414, 431, 505 and the like.</param>
    /// <param name="cause">The parser's words, for logs only: they may quote the client.</param>
    /// <param name="isHeadWhole">Whether the head has been read to its end, so that it can be judged; then the caller is no event loop.</param>
    RefusalReply Answer(IFeatureCollection request, int status, string cause, bool isHeadWhole);
}
