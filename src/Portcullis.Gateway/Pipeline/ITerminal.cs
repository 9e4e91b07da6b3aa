namespace Portcullis.Gateway.Pipeline;

/// <summary>The end of a route: the forwarder, or an endpoint that the gateway answers itself.</summary>
public interface ITerminal
{
    /// <summary>
    /// Answers the request: <see cref="Verdict.Responded"/> once the response is complete, or a refusal while
    /// nothing has been sent.
    /// </summary>
    ValueTask<Verdict> InvokeAsync(Exchange exchange);
}
