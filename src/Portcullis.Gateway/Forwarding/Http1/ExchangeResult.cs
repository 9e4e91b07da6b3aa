namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>How the part of an exchange up to the response head ended.</summary>
/// <param name="Error">None with a head.</param>
/// <param name="Cause">For the logs.</param>
/// <param name="RetryOnFresh">The connection was stale and the upstream can't have acted on the request, or may do so twice.</param>
internal readonly record struct ExchangeResult(ForwardError Error, string? Cause, bool RetryOnFresh);
