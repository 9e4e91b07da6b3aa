using System.CommandLine;
using Portcullis.Control.Identity;
using Portcullis.Control.Identity.Grants;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Policies;

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
        });
        return command;
    }

    /// <summary>The clients of the token service.</summary>
    public async Task<ClientStore> ClientsAsync() => new(await OpenAsync(), TimeProvider.System);

    /// <summary>Grants, tokens and revocations.</summary>
    public async Task<GrantStore> GrantsAsync() => new(await OpenAsync(), TimeProvider.System);

    public ValueTask DisposeAsync() => store?.DisposeAsync() ?? default;

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
        if ((parsed.GetValue(Config) ?? (File.Exists(ServeCommand.DefaultFile) ? ServeCommand.DefaultFile : null)) is not { } file) return (DefaultData, new StorageOptions());

        // Other parts may have errors here that they have not where the gateway runs, as variables that are not set.
        var loaded = new ConfigurationLoader(PolicyKinds.All).LoadFile(file);
        return loaded.Problems.All.FirstOrDefault(problem => problem.IsError && (problem.Path is "" or "data" or "storage" || problem.Path.StartsWith("storage.", StringComparison.Ordinal))) is { } problem
            ? throw new DataDirectoryException($"{file} does not say where the data is: {problem.Message}", problem.Hint)
            : (loaded.Bound.Data, loaded.Bound.Storage);
    }
}
