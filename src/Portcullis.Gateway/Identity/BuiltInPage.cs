using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Identity;

/// <summary>A page or resource of the gateway's own. It is a route like the token service's endpoints: same hosts, same limits by address, no other policy.</summary>
/// <param name="Name">The route's name in logs and metrics, in parentheses as those of all built-in routes.</param>
/// <param name="Path">Its path: literals alone.</param>
/// <param name="Methods">Methods that it answers.</param>
/// <param name="Terminal">What answers.</param>
public sealed record BuiltInPage(string Name, string Path, IReadOnlyList<string> Methods, ITerminal Terminal);
