using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Connections.Http2;
using Portcullis.Gateway.EventLoops;

namespace Portcullis.Gateway.Tests.Connections.Http1;

/// <summary>Sessions that serve nothing, for what stands around them.</summary>
internal sealed class IdleSessions(ListenerServices services) : ClientSessions(static () => new ListenerLimits(), services, NullLogger.Instance)
{
    private static readonly IPEndPoint Nobody = new(IPAddress.Loopback, 1);

    /// <summary>A session that nobody looks after.</summary>
    public Http1Session Create(Wire wire)
        => new(this, wire, new ClientConnection(new ConnectionRules("test", TestListener.Plain), Nobody), new ConnectionFeatures(null, Nobody, null));

    public override Http1Request CreateRequest(Http1Session session) => null!;

    public override Http2Stream CreateStream(Http2Session session) => throw new NotSupportedException();
}
