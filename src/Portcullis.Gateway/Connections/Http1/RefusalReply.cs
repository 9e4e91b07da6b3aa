namespace Portcullis.Gateway.Connections.Http1;

/// <summary>An answer to a request that the parser refused. The connection closes after it.</summary>
/// <param name="Body">A problem document (RFC 9457), sent as <c>application/problem+json</c>.</param>
/// <param name="Fields">
/// Response fields beside <c>Content-Type</c>, <c>Content-Length</c>, <c>Cache-Control: no-store</c>, <c>Connection: close</c> and <c>Date</c>:
/// <c>X-Request-Id</c> and what else every reply carries. Names and values are sent as they are and so must be the gateway's own.
/// </param>
public readonly record struct RefusalReply(ReadOnlyMemory<byte> Body, IReadOnlyList<KeyValuePair<string, string>> Fields);
