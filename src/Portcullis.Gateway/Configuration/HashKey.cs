namespace Portcullis.Gateway.Configuration;

/// <summary>The part of a request that chooses its destination.</summary>
public enum HashKey
{
    Address,
    Header,
    Cookie,
}
