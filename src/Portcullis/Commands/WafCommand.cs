using System.CommandLine;
using Portcullis.Control.Keys;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Policies;
using Portcullis.Gateway.Policies.Waf.Recording;
using Portcullis.Trust.Keys;

namespace Portcullis.Commands;

/// <summary><c>waf test|replay</c>: requests before the firewall's rules of a configuration, without a gateway.</summary>
internal static class WafCommand
{
    public static Command Create() => new("waf", "Tries requests on the rules of the firewall") { WafTestCommand.Create(), WafReplayCommand.Create() };

    public static Option<string> ConfigOption() => new("--config", "-c") { Description = $"Configuration file. Default: ./{ServeCommand.DefaultFile}", DefaultValueFactory = _ => ServeCommand.DefaultFile };

    /// <summary>Opens a configuration; null where it has errors, which have been printed.</summary>
    public static async Task<(LoadResult Loaded, FirewallTrial? Trial)> OpenAsync(string file, TextWriter error)
    {
        var loaded = new ConfigurationLoader(PolicyKinds.All).LoadFile(file);
        var trial = await FirewallTrial.OpenAsync(loaded);
        if (trial is null)
        {
            foreach (var problem in loaded.Problems.All.Where(problem => problem.IsError)) error.WriteLine(problem);
        }

        return (loaded, trial);
    }

    /// <summary>The requests of a record of this configuration's gateway, each with whether it could be opened.</summary>
    /// <exception cref="DataDirectoryException">The data directory can't be used.</exception>
    /// <exception cref="KeyRingException">The keys can't be used.</exception>
    public static List<RecordedRequest?> ReadRecord(string path, LoadResult loaded)
    {
        var data = DataDirectory.OpenExisting(loaded.Bound.Data);
        using var ring = KeyRing.Open(data.Keys, [.. KeyPolicies.From(loaded.Bound).Where(policy => policy.Purpose == KeyPurpose.Data)], TimeProvider.System, WrappingKeyProtection.From(loaded.Bound.Keys.WrappingKey));
        return [.. RecordFile.Read(path, ring)];
    }
}
