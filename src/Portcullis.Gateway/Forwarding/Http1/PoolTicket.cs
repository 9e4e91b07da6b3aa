namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>What a request got from the pool: an idle connection, the right to open one, or an error.</summary>
/// <param name="Connection">The idle connection; null with the right to open one, which is to be given back if that fails.</param>
/// <param name="Refusal">Why there is neither; null otherwise.</param>
internal readonly record struct PoolTicket(Http1Connection? Connection, string? Refusal);
