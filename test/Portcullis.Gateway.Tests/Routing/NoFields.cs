using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Routing;

namespace Portcullis.Gateway.Tests.Routing;

/// <summary>A request without header fields.</summary>
internal readonly struct NoFields : IRequestFields
{
    public StringValues Get(string name) => StringValues.Empty;
}
