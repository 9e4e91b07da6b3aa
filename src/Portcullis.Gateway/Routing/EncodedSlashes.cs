namespace Portcullis.Gateway.Routing;

/// <summary>What becomes of <c>%2F</c> in a path.</summary>
internal enum EncodedSlashes
{
    /// <summary>The request is refused: the gateway and the upstream may split such a path differently. The default.</summary>
    Refuse,

    /// <summary>
    /// Kept encoded, as data inside its segment. Only safe where no upstream decodes <c>%2F</c> before it decides on access.
    /// Dot segments are still looked for on both sides of it.
    /// </summary>
    Keep,
}
