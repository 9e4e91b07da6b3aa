namespace Portcullis.Gateway.Forwarding;

/// <summary>A response head, or why there is none.</summary>
public readonly struct UpstreamResult
{
    private UpstreamResult(UpstreamResponse? response, ForwardError error, string? cause)
    {
        Response = response;
        Error = error;
        Cause = cause;
    }

    /// <summary>The response; null exactly when <see cref="Error"/> is not <see cref="ForwardError.None"/>.</summary>
    public UpstreamResponse? Response { get; }

    public ForwardError Error { get; }

    /// <summary>For the logs: what happened, with the system's own words where there are any.</summary>
    public string? Cause { get; }

    public static UpstreamResult From(UpstreamResponse response) => new(response, ForwardError.None, null);

    public static UpstreamResult Failed(ForwardError error, string cause) => new(null, error, cause);
}
