namespace Portcullis.Gateway.Forwarding.Health;

/// <summary>What a try says about its destination.</summary>
internal enum TryOutcome
{
    /// <summary>Nothing: the client is to blame, or it ended too early to tell.</summary>
    Unknown,

    /// <summary>It answered, as it should.</summary>
    Success,

    /// <summary>It answered with 5xx: counted by passive health only, for it may be this one resource, and a client may know which.</summary>
    ServerError,

    /// <summary>It gave no whole answer: it can't do its work.</summary>
    Failure,
}
