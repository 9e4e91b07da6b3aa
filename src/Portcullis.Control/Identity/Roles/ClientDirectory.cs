using Portcullis.Gateway.Identity;

namespace Portcullis.Control.Identity.Roles;

/// <summary>The clients as the token service knows them: their permissions are those they are registered with and those of their roles.</summary>
/// <param name="clients">The clients.</param>
/// <param name="entitlements">What roles give them.</param>
public sealed class ClientDirectory(ClientStore clients, Entitlements entitlements) : IClientStore
{
    /// <inheritdoc/>
    public ValueTask<OAuthClient?> FindAsync(string id, CancellationToken cancellationToken)
    {
        var finding = clients.FindAsync(id, cancellationToken);
        return finding is { IsCompletedSuccessfully: true, Result: null } ? finding : JoinAsync(finding, cancellationToken);
    }

    private async ValueTask<OAuthClient?> JoinAsync(ValueTask<OAuthClient?> finding, CancellationToken cancellationToken)
    {
        if (await finding.ConfigureAwait(false) is not { } client) return null;
        var (roles, permissions) = await entitlements.ResolveAsync(client.Id, client.Permissions, cancellationToken).ConfigureAwait(false);
        return roles.Count == 0 ? client : client with { Permissions = permissions };
    }
}
