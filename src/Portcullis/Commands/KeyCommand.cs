using System.CommandLine;
using Portcullis.Control.Keys;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Policies;
using Portcullis.Trust.Keys;

namespace Portcullis.Commands;

/// <summary>
/// <c>key list|rotate|destroy</c>: the keys of a gateway. They work on its data directory, whether it runs or not; a running node follows within a
/// second or two.
/// </summary>
internal static class KeyCommand
{
    private const string DefaultData = "./portcullis-data";

    public static Command Create() => new("key", "The keys that sign and seal, and the wrapping key that protects them")
    {
        KeyListCommand.Create(),
        KeyRotateCommand.Create(),
        KeyDestroyCommand.Create(),
    };

    /// <summary>A verb with <c>--data</c> and <c>--config</c>; what is wrong with files is told, and the exit code is 1.</summary>
    public static Command Verb(Command command, Func<ParseResult, Location, int> action)
    {
        var data = new Option<string?>("--data") { Description = $"Data directory. Default: that of the configuration, or {DefaultData} without one" };
        var config = new Option<string?>("--config", "-c")
        {
            Description = $"Configuration, which names the data directory and what protects the wrapping key. Default: ./{ServeCommand.DefaultFile} where it is there",
        };
        command.Options.Add(data);
        command.Options.Add(config);
        command.SetAction(parsed =>
        {
            try
            {
                return action(parsed, new Location(parsed.GetValue(data), parsed.GetValue(config)));
            }
            catch (DataDirectoryException exception)
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

    /// <summary>Where the ring is and what opens it, as the options of a verb say.</summary>
    internal sealed class Location(string? data, string? config)
    {
        private readonly GatewayOptions? options = Load(data is null ? config ?? Existing(ServeCommand.DefaultFile) : config);

        /// <summary>The ring's directory; the data directory must be there.</summary>
        /// <exception cref="DataDirectoryException">It is not, or has no keys: a verb makes none, under which nothing opens that the gateway has sealed.</exception>
        public string Directory
        {
            get
            {
                var keys = DataDirectory.OpenExisting(data ?? options?.Data ?? DefaultData).Keys;
                return KeyRing.Exists(keys) ? keys : throw new DataDirectoryException($"there are no keys in {keys}", "the first start of the gateway makes them; where it ran before, restore them from a backup");
            }
        }

        /// <summary>What the configuration says protects the wrapping key.</summary>
        public IKeyEncryptionKey? Protection => options is null ? null : WrappingKeyProtection.From(options.Keys.WrappingKey);

        /// <summary>Opens the ring. Without policies nothing is replaced by the clock.</summary>
        public KeyRing Open(params KeyPolicy[] policies) => KeyRing.Open(Directory, policies, TimeProvider.System, Protection);

        /// <summary>The configuration, as far as keys are concerned. Other parts may have errors here that they have not where the gateway runs.</summary>
        /// <exception cref="DataDirectoryException">It does not say where the data is or what protects it.</exception>
        public static GatewayOptions? Load(string? file)
        {
            if (file is null) return null;
            var loaded = new ConfigurationLoader(PolicyKinds.All).LoadFile(file);
            return loaded.Problems.All.FirstOrDefault(problem => problem.IsError && (problem.Path is "" or "data" or "keys" || problem.Path.StartsWith("keys.", StringComparison.Ordinal))) is { } wrong
                ? throw new DataDirectoryException($"{file} does not say where the keys are and what opens them: {wrong.Path} {wrong.Message}", wrong.Hint)
                : loaded.Bound;
        }

        private static string? Existing(string file) => File.Exists(file) ? file : null;
    }
}
