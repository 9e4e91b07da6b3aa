using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies;

/// <summary>
/// A kind of policy: its name in the configuration, the record its options bind to, and how they become checks.
/// All kinds stand in <see cref="PolicyKinds.All"/>.
/// </summary>
public abstract class PolicyKind
{
    /// <summary>Key under a route's <c>policies</c>.</summary>
    public abstract string Name { get; }

    /// <summary>One sentence for the schema and the console.</summary>
    public abstract string Description { get; }

    /// <summary>The record, or a list of records, that the options bind to.</summary>
    public abstract Type OptionsType { get; }

    /// <summary>
    /// Turns options into policies, none to many (one kind may act at several stages). Reports what is wrong through
    /// <paramref name="route"/>, all of it, and never throws for bad options.
    /// </summary>
    public abstract IEnumerable<Policy> Compile(object options, RouteCompilation route);
}
