using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Portcullis.Gateway.Connections;

/// <summary>The body of a request, without its framing, and the trailer fields behind it.</summary>
/// <remarks>
/// A body that breaks its framing, its limit or the least rate ends in <see cref="BadHttpRequestException"/>, one that is cut short in
/// <see cref="Microsoft.AspNetCore.Connections.ConnectionResetException"/>.
/// </remarks>
internal abstract class RequestContent : PipeReader, IHttpRequestTrailersFeature
{
    /// <summary>Whether the request has a body at all.</summary>
    public bool IsPresent { get; protected set; }

    /// <summary>Most octets that it may have; null: no limit. May be changed until it is read.</summary>
    public long? Limit { get; set; }

    public bool HasBeenRead { get; protected set; }

    /// <summary>Whether all has come, so that the trailer fields are known.</summary>
    public abstract bool Available { get; }

    public abstract IHeaderDictionary Trailers { get; }
}
