namespace Portcullis.Waf.Engine;

/// <summary>What the action <c>allow</c> has taken out of inspection.</summary>
internal enum AllowScope : byte
{
    Nothing,

    /// <summary>The phase at hand.</summary>
    Phase,

    /// <summary>The request's phases.</summary>
    Request,

    /// <summary>All phases but logging.</summary>
    All,
}
