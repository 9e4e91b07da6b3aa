using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Identity;

/// <summary>Pages that stand beside the token service's endpoints: sign-in and account. Implemented by the control plane.</summary>
public interface IBuiltInPages
{
    /// <summary>The pages of a configuration. Called for each that is compiled; waits for nothing.</summary>
    IReadOnlyList<BuiltInPage> Create(IdentityOptions identity);
}
