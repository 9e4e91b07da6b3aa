using Microsoft.Extensions.Primitives;

namespace Portcullis.Gateway.Routing;

/// <summary>The header fields of a request, asked for only where a route has header conditions. Implemented by structs, so that a lookup allocates nothing.</summary>
internal interface IRequestFields
{
    /// <summary>The values of a field, one per field line; empty when it was not sent. The name is compared without case.</summary>
    StringValues Get(string name);
}
