using Portcullis.Control.Identity;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Roles;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Identity;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Passwords;

namespace Portcullis.Serving;

/// <summary>The client and the administrator of the demo, with secrets drawn at the first run and kept nowhere.</summary>
internal static class DemoAccounts
{
    /// <summary>The client.</summary>
    public const string ClientId = "demo";

    /// <summary>The name that the administrator signs in with.</summary>
    public const string AdministratorName = "admin";

    private const string Role = "administrator";

    private static readonly IReadOnlyList<string> ClientPermissions = ["demo:read", "demo:write"];

    /// <summary>Makes the client; its secret where that happened just now, null where it was there.</summary>
    public static async Task<string?> AddClientAsync(ClientStore clients)
    {
        var secret = Secret.Generate().Reveal();
        var client = new OAuthClient(ClientId, OAuthClient.HashSecret(secret), ClientPermissions, IsDisabled: false);
        return await clients.TryAddAsync(client) ? secret : null;
    }

    /// <summary>Makes the administrator, who needs a second factor by their role; the password where that happened just now, null where they were there.</summary>
    public static async Task<string?> AddAdministratorAsync(NodeIdentity identity)
    {
        var people = (await identity.PeopleAsync()).People;
        if (await people.FindByNameAsync(AdministratorName, CancellationToken.None) is not null) return null;

        var text = Secret.Generate(PasswordSize).Reveal();
        if (Password.Read(text, out var password) != PasswordForm.Usable) return null;
        using var hasher = new PasswordHasher(PasswordCost.Of(new PasswordOptions().Iterations), concurrency: 1);
        var person = new NewPerson { Name = AdministratorName, PasswordHash = await hasher.HashAsync(password!, CancellationToken.None) };
        if (!await people.TryAddAsync(person, CancellationToken.None)) return null;
        await identity.GrantAsync(new RoleRequest(person.Id, Role, "demo"));
        return text;
    }

    // 128 bits, in 22 characters.
    private const int PasswordSize = 16;
}
