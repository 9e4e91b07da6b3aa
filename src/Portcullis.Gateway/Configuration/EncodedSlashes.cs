namespace Portcullis.Gateway.Configuration;

/// <summary>What becomes of <c>%2F</c> in a request's path, which programs read in two ways.</summary>
public enum EncodedSlashes
{
    /// <summary>The request is refused.</summary>
    Refuse,

    /// <summary>They stay encoded, as a part of their segment, and are forwarded so.</summary>
    Keep,
}
