using System.IO.Pipelines;

namespace Portcullis.Gateway.Connections;

/// <summary>Frames a response and sends it; what is written to it is the body.</summary>
internal abstract class ResponseContent : PipeWriter
{
    /// <summary>Whether the head has left.</summary>
    public bool HasStarted { get; protected set; }

    /// <summary>Sends what has not left and the end of the framing.</summary>
    /// <exception cref="InvalidOperationException">The body is not as long as was stated.</exception>
    public abstract ValueTask<FlushResult> FinishAsync();
}
