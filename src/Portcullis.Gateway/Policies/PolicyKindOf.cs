using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies;

/// <summary>A <see cref="PolicyKind"/> whose options are of type <typeparamref name="TOptions"/>.</summary>
public abstract class PolicyKind<TOptions> : PolicyKind
    where TOptions : class
{
    public sealed override Type OptionsType => typeof(TOptions);

    public sealed override IEnumerable<Policy> Compile(object options, RouteCompilation route) => Compile((TOptions)options, route);

    protected abstract IEnumerable<Policy> Compile(TOptions options, RouteCompilation route);
}
