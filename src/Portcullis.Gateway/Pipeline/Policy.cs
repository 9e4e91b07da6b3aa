using Microsoft.AspNetCore.Http;

namespace Portcullis.Gateway.Pipeline;

/// <summary>
/// One compiled check or change on a route. Immutable and shared by all requests of its route; state that must outlive a
/// reload (counters, caches) is held elsewhere, keyed by name, and only referenced from here.
/// </summary>
/// <remarks>
/// A policy returns a <see cref="Verdict"/>; there is no <c>next</c> to forget. Whatever it throws is an internal error and
/// refuses the request.
/// </remarks>
public abstract class Policy
{
    /// <summary>Key of its kind in the configuration; empty for one that was not configured.</summary>
    public string Kind { get; internal set; } = string.Empty;

    /// <summary>When the policy runs; the compiler sorts by it. Policies of one stage run in the order of their kinds.</summary>
    public abstract Stage Stage { get; }

    /// <summary>Whether <see cref="OnResponse"/> does anything; the compiler leaves others out of the response path.</summary>
    public virtual bool ActsOnResponse => false;

    /// <summary>Decides about the request. Must complete synchronously unless it truly waits for something.</summary>
    public virtual ValueTask<Verdict> OnRequestAsync(Exchange exchange) => new(Verdict.Continue);

    /// <summary>
    /// Sees the response head just before it is sent, in reverse order of the stages, also for refusals
    /// (so that a 401 carries CORS and security headers). May change header fields.
    /// </summary>
    public virtual Verdict OnResponse(Exchange exchange) => Verdict.Continue;

    /// <summary>
    /// Takes out of a request's trailer fields what it lets nobody say in the head. Called with those that would go upstream, when the body
    /// has been read to its end, which may be after the exchange.
    /// </summary>
    public virtual void OnRequestTrailers(IHeaderDictionary trailers)
    {
    }

    /// <summary>The same for a response; called where <see cref="ActsOnResponse"/> is set.</summary>
    public virtual void OnResponseTrailers(IHeaderDictionary trailers)
    {
    }
}
