namespace Portcullis.Gateway.Forwarding;

/// <summary>A connected, and where needed secured, stream to a destination; or why there is none.</summary>
internal readonly struct EndpointConnection
{
    private EndpointConnection(Stream? stream, ForwardError error, string? cause)
    {
        Stream = stream;
        Error = error;
        Cause = cause;
    }

    /// <summary>Owned by the caller; null exactly when <see cref="Error"/> is not <see cref="ForwardError.None"/>.</summary>
    public Stream? Stream { get; }

    public ForwardError Error { get; }

    public string? Cause { get; }

    public static EndpointConnection From(Stream stream) => new(stream, ForwardError.None, null);

    public static EndpointConnection Failed(ForwardError error, string cause) => new(null, error, cause);
}
