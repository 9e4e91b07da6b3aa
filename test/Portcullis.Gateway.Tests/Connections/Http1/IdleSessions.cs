using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Tests.Connections.Http1;

/// <summary>Sessions that serve nothing, for what stands around them.</summary>
internal sealed class IdleSessions(ListenerServices services) : Http1Sessions(static () => new ListenerLimits(), services, NullLogger.Instance)
{
    private static readonly IPEndPoint Nobody = new(IPAddress.Loopback, 1);

    /// <summary>A session that nobody looks after.</summary>
    public Http1Session Create(Wire wire)
        => Create(wire, new ClientConnection(new ConnectionRules("test", TestListener.Plain), Nobody), new ConnectionFeatures(null, Nobody, null));

    protected override Http1Session Create(Wire wire, ClientConnection client, ConnectionFeatures features) => new Session(this, wire, client, features);

    private sealed class Session(Http1Sessions sessions, Wire wire, ClientConnection client, ConnectionFeatures features) : Http1Session(sessions, wire, client, features)
    {
        public override ClientRequest Request => throw new NotSupportedException();

        protected override ValueTask<Verdict> ProcessAsync() => throw new NotSupportedException();

        protected override void EndRequest(Exception? failure) => throw new NotSupportedException();
    }
}
