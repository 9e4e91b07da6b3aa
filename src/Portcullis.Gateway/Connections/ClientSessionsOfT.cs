using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Connections.Http2;

namespace Portcullis.Gateway.Connections;

/// <summary>The connections of one listener, whose requests go to one application.</summary>
internal sealed class ClientSessions<TContext>(IHttpApplication<TContext> application, Func<ListenerLimits> limits, ListenerServices services, ILogger logger)
    : ClientSessions(limits, services, logger)
    where TContext : notnull
{
    private readonly ClientApplication<TContext> application = new(application);

    public override Http1Request CreateRequest(Http1Session session) => new Http1Request<TContext>(session, application);

    public override Http2Stream CreateStream(Http2Session session) => new Http2Stream<TContext>(session, application);
}
