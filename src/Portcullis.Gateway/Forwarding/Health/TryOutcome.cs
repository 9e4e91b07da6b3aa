namespace Portcullis.Gateway.Forwarding.Health;

/// <summary>What a try says about its destination.</summary>
internal enum TryOutcome
{
    /// <summary>Nothing: the client is to blame, or it ended too early to tell.</summary>
    Unknown,

    /// <summary>It answered, as it should.</summary>
    Success,

    /// <summary>It answered 500, 501 or 505 and above: counted by passive health only, for it may be this one resource.</summary>
    ServerError,

    /// <summary>It did not answer, or answered 502, 503 or 504: it can't do its work.</summary>
    Failure,
}
