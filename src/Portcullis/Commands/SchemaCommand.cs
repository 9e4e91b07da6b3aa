using System.CommandLine;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Policies;

namespace Portcullis.Commands;

/// <summary><c>schema</c>: prints the JSON Schema of the configuration file, for editors.</summary>
internal static class SchemaCommand
{
    public static Command Create()
    {
        var command = new Command("schema", "Prints the JSON Schema of the configuration file, for editors");
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.Write(ConfigurationSchema.ToJson(PolicyKinds.All));
            return 0;
        });
        return command;
    }
}
