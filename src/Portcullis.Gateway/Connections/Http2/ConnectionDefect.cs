namespace Portcullis.Gateway.Connections.Http2;

/// <summary>What a client did that ends its connection (RFC 9113 §5.4.1).</summary>
/// <param name="Code">What it is told.</param>
/// <param name="Cause">For logs: quotes nothing of the client's.</param>
internal sealed record ConnectionDefect(ErrorCode Code, string Cause)
{
    public static readonly ConnectionDefect WrongSize = new(ErrorCode.FrameSizeError, "a frame has not the size of its kind (RFC 9113 §4.2)");
}
