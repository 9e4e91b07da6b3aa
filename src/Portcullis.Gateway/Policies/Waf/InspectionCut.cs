namespace Portcullis.Gateway.Policies.Waf;

/// <summary>How much of a body was inspected where that was not all.</summary>
/// <param name="Bytes">So many octets were.</param>
/// <param name="Of">Its length where known.</param>
/// <param name="Reason">Why: <c>limit</c>, <c>memory</c>, <c>stream</c>, <c>upgrade</c>, <c>encoded</c>, <c>rules</c> (they read no bodies) or <c>fault</c>.</param>
public sealed record InspectionCut(long Bytes, long? Of, string Reason);
