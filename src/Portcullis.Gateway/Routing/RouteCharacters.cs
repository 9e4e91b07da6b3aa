using System.Buffers;

namespace Portcullis.Gateway.Routing;

/// <summary>Character classes of methods and header names.</summary>
internal static class RouteCharacters
{
    /// <summary>token (RFC 9110 section 5.6.2).</summary>
    public static readonly SearchValues<char> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
}
