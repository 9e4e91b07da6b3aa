using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>The HTTP/1.1 connections of one listener, whose requests go to one application.</summary>
internal sealed class Http1Sessions<TContext>(IHttpApplication<TContext> application, Func<ListenerLimits> limits, ListenerServices services, ILogger logger)
    : Http1Sessions(limits, services, logger)
    where TContext : notnull
{
    protected override Http1Session Create(Wire wire, ClientConnection client, ConnectionFeatures features)
        => new Session(this, wire, client, features, application);

    private sealed class Session : Http1Session
    {
        private readonly IHttpApplication<TContext> application;
        private readonly IReusingApplication<TContext>? reusing;
        private TContext? context;

        public Session(Http1Sessions sessions, Wire wire, ClientConnection client, ConnectionFeatures features, IHttpApplication<TContext> application)
            : base(sessions, wire, client, features)
        {
            this.application = application;
            reusing = application as IReusingApplication<TContext>;
            Request = new ClientRequest<TContext>(this);
        }

        public override ClientRequest Request { get; }

        protected override ValueTask<Verdict> ProcessAsync()
        {
            context = application.CreateContext(Request);
            return reusing is not null ? reusing.ProcessAsync(context) : ProcessByTaskAsync(context);
        }

        protected override void EndRequest(Exception? failure)
        {
            if (context is not { } ended) return;
            context = default;
            application.DisposeContext(ended, failure);
        }

        private async ValueTask<Verdict> ProcessByTaskAsync(TContext processed)
        {
            await application.ProcessRequestAsync(processed);
            return Verdict.Responded;
        }
    }
}
