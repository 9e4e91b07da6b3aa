using System.CommandLine;

namespace Portcullis.Commands;

/// <summary><c>init [DIR]</c>: writes a commented configuration to start from. Never overwrites one.</summary>
internal static class InitCommand
{
    public static Command Create()
    {
        var directory = new Argument<string>("DIR") { Description = "Directory, made if it is not there. Default: the current one", DefaultValueFactory = _ => "." };
        var command = new Command("init", $"Writes a commented {ServeCommand.DefaultFile} to start from") { directory };
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var file = Path.Combine(parsed.GetRequiredValue(directory), ServeCommand.DefaultFile);
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                using var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write);
                stream.Write(StarterConfiguration.Yaml);
            }
            catch (IOException) when (File.Exists(file))
            {
                return Complaint.Write(parsed, $"{file} is there already", "name another directory, or remove the file");
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
            {
                return Complaint.Write(parsed, $"{file} can't be written: {exception.Message}", "name a directory that you may write to");
            }

            output.WriteLine($"{file} written; edit it, then run:");
            output.WriteLine($"  portcullis check {file}");
            output.WriteLine($"  portcullis serve --config {file}");
            return 0;
        });
        return command;
    }
}
