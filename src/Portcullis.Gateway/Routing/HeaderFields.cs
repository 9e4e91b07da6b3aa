using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Portcullis.Gateway.Routing;

/// <summary>Header fields kept in a header dictionary.</summary>
internal readonly struct HeaderFields(IHeaderDictionary headers) : IRequestFields
{
    /// <inheritdoc/>
    public StringValues Get(string name) => headers[name];
}
