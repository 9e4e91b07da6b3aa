using System.CommandLine;
using Portcullis.Commands;
using Portcullis.Gateway.Scheduling;

SocketThreads.Use();

// No verb means serve: the first run needs to know nothing.
var root = new RootCommand("Portcullis: a security-first API gateway")
{
    ServeCommand.Create(),
    InitCommand.Create(),
    CheckCommand.Create(),
    DiffCommand.Create(),
    SchemaCommand.Create(),
    ClientCommand.Create(),
};
root.SetAction((_, cancellationToken) => ServeCommand.RunAsync(null, cancellationToken));

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors) Console.Error.WriteLine($"error: {error.Message}");
    Console.Error.WriteLine("  hint: portcullis --help lists the verbs and their options");
    return 2;
}

return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
