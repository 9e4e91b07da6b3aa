namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>One field line; each char of the value is one octet.</summary>
internal struct ResponseField
{
    public string Name;
    public string Value;
    public FieldTraits Traits;
}
