using System.IO.Pipelines;

namespace Portcullis.Gateway.Connections;

/// <summary>A connection's two pipes with something put around one or both.</summary>
internal sealed record WrappedTransport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
