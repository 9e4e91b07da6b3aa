namespace Portcullis.Gateway.Forwarding;

/// <summary>Who is to blame for a failed exchange.</summary>
public enum ForwardSide
{
    /// <summary>The gateway itself, or its configuration.</summary>
    Gateway,

    /// <summary>The client, or the way to it.</summary>
    Downstream,

    /// <summary>The destination, or the way to it.</summary>
    Upstream,
}
