using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Policies;

namespace Portcullis.Commands;

/// <summary><c>check [FILE]</c>: loads and compiles a configuration as <c>serve</c> would, and prints everything that is wrong or weak.</summary>
internal static class CheckCommand
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = $"Configuration file. Default: ./{ServeCommand.DefaultFile}", DefaultValueFactory = _ => ServeCommand.DefaultFile };
        var output = OutputOption.Create();
        var command = new Command("check", "Says what is wrong with a configuration, and what weakens security") { file, output };
        command.SetAction(async (parsed, _) =>
        {
            var name = parsed.GetRequiredValue(file);
            var loaded = new ConfigurationLoader(PolicyKinds.All).LoadFile(name);
            await ConfigurationCompiler.CheckAsync(loaded.Bound, loaded.Problems);

            var problems = loaded.Problems.All;
            var writer = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(output) == OutputOption.Json) WriteJson(writer, name, problems);
            else WriteText(writer, name, loaded, problems);
            return loaded.Options is null ? 1 : 0;
        });
        return command;
    }

    private static void WriteText(TextWriter writer, string name, LoadResult loaded, IReadOnlyList<ConfigurationProblem> problems)
    {
        foreach (var problem in problems) writer.WriteLine(problem);
        var warnings = problems.Count(problem => !problem.IsError);
        writer.WriteLine(loaded.Options is { } options
            ? $"{name} is valid: {Count(options.Listeners.Count, "listener")}, {Count(options.Clusters.Count, "cluster")}, {Count(options.Routes.Count, "route")}, {Count(warnings, "warning")}"
            : $"{name} is not valid: {Count(problems.Count - warnings, "error")}, {Count(warnings, "warning")}");
    }

    private static void WriteJson(TextWriter writer, string name, IReadOnlyList<ConfigurationProblem> problems)
        => writer.WriteLine(JsonSerializer.Serialize(
            new
            {
                file = name,
                valid = !problems.Any(problem => problem.IsError),
                problems = problems.Select(problem => new
                {
                    severity = problem.IsError ? "error" : "warning",
                    problem.File,
                    problem.Line,
                    problem.Column,
                    problem.Path,
                    problem.Message,
                    problem.Hint,
                }),
            },
            Json));

    private static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";
}
