using System.CommandLine;
using Portcullis.Control.Identity;
using Portcullis.Control.Identity.ApiKeys;
using Portcullis.Control.Identity.Grants;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Roles;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Identity.Roles;
using Portcullis.Gateway.Policies;
using Portcullis.Trust.Keys;

namespace Portcullis.Commands;

/// <summary>
/// The database that a verb works on: that of a gateway, whether it runs or not. Opened at first use, after the verb has judged its own arguments. None
/// is made: what is written into a database that nobody serves would never count.
/// </summary>
internal sealed class CommandStore(ParseResult parsed) : IAsyncDisposable
{
    private const string DefaultData = "./portcullis-data";

    private static readonly Option<string?> Data = new("--data") { Description = $"Data directory with the database. Default: that of the configuration, or {DefaultData} without one" };

    private static readonly Option<string?> Config = new("--config", "-c") { Description = $"Configuration that names the data directory or the database. Default: ./{ServeCommand.DefaultFile} where it is there" };

    private Store? store;
    private KeyRing? ring;
    private PeopleStores? people;

    /// <summary>The command with the options that name the database, running <paramref name="action"/> and telling what stands in its way.</summary>
    public static Command Verb(Command command, Func<ParseResult, CommandStore, Task<int>> action)
    {
        command.Options.Add(Data);
        command.Options.Add(Config);
        command.SetAction(async (parsed, _) =>
        {
            await using var opened = new CommandStore(parsed);
            try
            {
                return await action(parsed, opened);
            }
            catch (DataDirectoryException exception)
            {
                return Complaint.Write(parsed, exception.Message, exception.Hint);
            }
            catch (StoreException exception)
            {
                return Complaint.Write(parsed, exception.Message, exception.Hint);
            }
            catch (KeyRingException exception)
            {
                return Complaint.Write(parsed, exception.Message, exception.Hint);
            }
        });
        return command;
    }

    /// <summary>The clients of the token service.</summary>
    public async Task<ClientStore> ClientsAsync() => new(await OpenAsync(), TimeProvider.System);

    /// <summary>The stores of people. What they hold is sealed: the key ring is opened with them.</summary>
    public async Task<PeopleStores> PeopleAsync()
    {
        if (people is not null) return people;
        var opened = await OpenAsync();

        // No policy with a clock: keys are replaced by the gateway and by who asks for it.
        ring = new KeyCommand.Location(parsed.GetValue(Data), parsed.GetValue(Config)).Open(KeyPolicy.ForData() with { RotateEvery = null });
        return people = new PeopleStores(opened, ring, TimeProvider.System);
    }

    /// <summary>Grants and revocations.</summary>
    public async Task<GrantStore> GrantsAsync() => new(await OpenAsync(), TimeProvider.System);

    /// <summary>The key ring, with the keys as they are.</summary>
    public async Task<KeyRing> RingAsync()
    {
        await PeopleAsync();
        return ring!;
    }

    /// <summary>Who has which role.</summary>
    public async Task<RoleGrants> GrantedRolesAsync() => new(await OpenAsync(), TimeProvider.System);

    /// <summary>Which permissions were used.</summary>
    public async Task<PermissionUseStore> PermissionUsesAsync() => new(await OpenAsync(), TimeProvider.System);

    /// <summary>Everybody who holds permissions.</summary>
    public async Task<AccessHolders> HoldersAsync(RoleGrants grants, PermissionUseStore uses) => new(await OpenAsync(), (await PeopleAsync()).People, grants, uses);

    /// <summary>Signed reviews.</summary>
    public async Task<AccessReviews> ReviewsAsync() => new(await OpenAsync(), (await PeopleAsync()).Sealer);

    /// <summary>API keys.</summary>
    public async Task<ApiKeyStore> ApiKeysAsync() => new(await OpenAsync(), (await PeopleAsync()).Sealer, TimeProvider.System);

    /// <summary>The roles of the configuration; null, and complained about, where none is named, or one that has errors there.</summary>
    public RoleSet? Roles()
    {
        if (ConfigurationFile() is not { } file)
        {
            Complaint.Write(parsed, "which roles there are stands in the configuration, and none is named", $"name it with --config, or work where ./{ServeCommand.DefaultFile} is");
            return null;
        }

        var (roles, wrong) = ReadRoles(file);
        if (wrong is null) return roles;
        Complaint.Write(parsed, $"the roles of {file} can't be used: {wrong}", $"portcullis check {file} tells all that is wrong");
        return null;
    }

    /// <summary>The roles of the configuration; none where none is named, or it has errors there.</summary>
    public RoleSet RolesIfNamed() => ConfigurationFile() is { } file ? ReadRoles(file).Roles : RoleSet.Empty;

    /// <summary>Whether a configuration is named, or lies here.</summary>
    public bool HasConfiguration => ConfigurationFile() is not null;

    private static (RoleSet Roles, string? Wrong) ReadRoles(string file)
    {
        var loaded = new ConfigurationLoader(PolicyKinds.All).LoadFile(file);
        var wrong = loaded.Problems.All.FirstOrDefault(problem => problem.IsError && (problem.Path.Length == 0 || problem.Path.StartsWith("roles", StringComparison.Ordinal) || problem.Path.StartsWith("separationOfDuties", StringComparison.Ordinal)))?.Message;
        var roles = RoleSet.Compile(loaded.Bound.Roles, loaded.Bound.SeparationOfDuties, defect => wrong ??= defect.IsError ? defect.Text : null);
        return (roles, wrong);
    }

    /// <summary>What ends with a person's standing.</summary>
    public async Task<Standing> StandingAsync()
    {
        var (opened, grants) = (await PeopleAsync(), await GrantsAsync());
        return new Standing(opened.Sessions, grants, grants, TimeProvider.System);
    }

    /// <summary>What the configuration says of identity; where none is named, or it has no such part, the defaults and no issuer.</summary>
    public (string? Issuer, PasswordOptions Passwords, SessionOptions Sessions) Identity()
    {
        var identity = ConfigurationFile() is { } file ? new ConfigurationLoader(PolicyKinds.All).LoadFile(file).Bound.Identity : null;
        return (identity?.Issuer, identity?.Passwords ?? new PasswordOptions(), identity?.Session ?? new SessionOptions());
    }

    public async ValueTask DisposeAsync()
    {
        people?.Dispose();
        ring?.Dispose();
        if (store is not null) await store.DisposeAsync();
    }

    private async Task<Store> OpenAsync()
    {
        if (store is not null) return store;
        var (path, storage) = Place();
        var data = DataDirectory.OpenExisting(path);

        // A directory of a version without a database has its clients in a file, which are taken over.
        store = File.Exists(data.Clients) ? await Store.OpenAsync(data, storage) : await Store.OpenExistingAsync(data, storage);
        await ClientFileImport.RunAsync(data.Clients, store, TimeProvider.System);
        return store;
    }

    private (string Data, StorageOptions Storage) Place()
    {
        if (parsed.GetValue(Data) is { } named) return (named, new StorageOptions());
        if (ConfigurationFile() is not { } file) return (DefaultData, new StorageOptions());

        // Other parts may have errors here that they have not where the gateway runs, as variables that are not set.
        var loaded = new ConfigurationLoader(PolicyKinds.All).LoadFile(file);
        return loaded.Problems.All.FirstOrDefault(problem => problem.IsError && (problem.Path is "" or "data" or "storage" || problem.Path.StartsWith("storage.", StringComparison.Ordinal))) is { } problem
            ? throw new DataDirectoryException($"{file} does not say where the data is: {problem.Message}", problem.Hint)
            : (loaded.Bound.Data, loaded.Bound.Storage);
    }

    // A directory that is named by itself is not that of a configuration which happens to lie here.
    private string? ConfigurationFile()
        => parsed.GetValue(Config) ?? (parsed.GetValue(Data) is null && File.Exists(ServeCommand.DefaultFile) ? ServeCommand.DefaultFile : null);
}
