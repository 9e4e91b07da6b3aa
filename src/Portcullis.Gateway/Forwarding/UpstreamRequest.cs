using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Fields;

namespace Portcullis.Gateway.Forwarding;

/// <summary>
/// One request as it goes to an upstream: everything is final, end-to-end and normalised. Reused with its exchange.
/// </summary>
public sealed class UpstreamRequest
{
    public string Method { get; set; } = string.Empty;

    /// <summary>Origin-form target: normalised path and query (RFC 9112 §3.2.1).</summary>
    public string Target { get; set; } = string.Empty;

    /// <summary>Value of Host or <c>:authority</c>.</summary>
    public string Host { get; set; } = string.Empty;

    /// <summary>
    /// All other fields, in order, without Host, Content-Length, Transfer-Encoding, Connection, Upgrade, Expect, TE and other
    /// hop-by-hop fields; each char is one octet, no value holds a control character but HTAB.
    /// </summary>
    internal FieldTable Fields { get; } = new();

    /// <summary>The body; null when there is none.</summary>
    public PipeReader? Body { get; set; }

    /// <summary>Length of the body where known; null with a body means chunked (HTTP/1.1) or until end of stream (HTTP/2).</summary>
    public long? ContentLength { get; set; }

    /// <summary>The client waits for 100 (Continue): the body is read only after the upstream said so, or after a second without word of it.</summary>
    public bool ExpectContinue { get; set; }

    /// <summary>The client accepts trailer fields (<c>TE: trailers</c>), which gRPC demands to be passed on.</summary>
    public bool AcceptsTrailers { get; set; }

    /// <summary>Protocol to upgrade to (<c>websocket</c>), by Upgrade (HTTP/1.1) or extended CONNECT (HTTP/2, RFC 8441); null: none.</summary>
    public string? Upgrade { get; set; }

    /// <summary>The request's trailer fields, valid once the body has been read to its end; null when there can't be any.</summary>
    public Func<IHeaderDictionary?>? Trailers { get; set; }

    /// <summary>Whether any octet of the body has been taken from the client: from then on the request can't be tried again.</summary>
    public bool BodyStarted { get; set; }

    public void Reset()
    {
        Method = Target = Host = string.Empty;
        Fields.Clear();
        Body = null;
        ContentLength = null;
        ExpectContinue = AcceptsTrailers = BodyStarted = false;
        Upgrade = null;
        Trailers = null;
    }
}
