namespace Portcullis.Waf.Rules;

/// <summary>What a matching rule does to the transaction.</summary>
internal enum Disruption : byte
{
    /// <summary>Go on with the next rule.</summary>
    Pass,

    /// <summary>What <c>SecDefaultAction</c> says for the phase; never left in a compiled rule.</summary>
    Block,

    /// <summary>Refuse with a status.</summary>
    Deny,

    /// <summary>Close the connection.</summary>
    Drop,

    /// <summary>Send the client elsewhere.</summary>
    Redirect,

    /// <summary>Skip all phases but logging.</summary>
    Allow,

    /// <summary>Skip the rest of this phase.</summary>
    AllowPhase,

    /// <summary>Skip the rest of the request's phases; the response's run.</summary>
    AllowRequest,
}
