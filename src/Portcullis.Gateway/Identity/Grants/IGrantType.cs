namespace Portcullis.Gateway.Identity.Grants;

/// <summary>One way to get tokens.</summary>
internal interface IGrantType
{
    /// <summary>Its <c>grant_type</c>.</summary>
    string Name { get; }

    /// <summary>Decides. The client is authenticated and registered for this grant.</summary>
    ValueTask<GrantReply> RedeemAsync(GrantRequest request);
}
