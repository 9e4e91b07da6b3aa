namespace Portcullis.Gateway.Forwarding;

/// <summary>How the copying of a body ended.</summary>
/// <param name="Error">Why it ended early; <see cref="ForwardError.None"/> after a complete body.</param>
/// <param name="Bytes">Octets of body passed on.</param>
/// <param name="Cause">For the logs; null after a complete body.</param>
public readonly record struct CopyResult(ForwardError Error, long Bytes, string? Cause);
