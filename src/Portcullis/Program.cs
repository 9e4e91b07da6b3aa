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
    ExplainCommand.Create(),
    SchemaCommand.Create(),
    ClientCommand.Create(),
    TokenCommand.Create(),
    UserCommand.Create(),
    SessionCommand.Create(),
    RoleCommand.Create(),
    AccessCommand.Create(),
    ApiKeyCommand.Create(),
    KeyCommand.Create(),
    WafCommand.Create(),
};
root.SetAction((_, cancellationToken) => ServeCommand.RunAsync(null, cancellationToken));

// An argument that begins with @ means itself. The library would put the lines of a file in its place: a script that passes on a name or a label would read, and show, whatever file that names.
var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors) Console.Error.WriteLine($"error: {Printing.Line(error.Message)}");
    Console.Error.WriteLine("  hint: portcullis --help lists the verbs and their options");
    return 2;
}

try
{
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
{
    return Complaint.Write(exception.Message, "look at the path, at the rights of the user that runs portcullis, and at the space on the disk");
}
catch (Exception exception)
{
    // A fault of this program. Where it happened helps whoever it is reported to; a stack trace helps nobody who runs it.
    var place = exception.StackTrace?.Split('\n', 2)[0].Trim() ?? "an unknown place";
    return Complaint.Write($"{exception.GetType().Name}: {exception.Message}", $"this is a fault of portcullis; please report it with what you did and: {place}");
}
