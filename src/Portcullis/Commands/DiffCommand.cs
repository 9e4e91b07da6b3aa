using System.CommandLine;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Policies;

namespace Portcullis.Commands;

/// <summary><c>diff OLD NEW</c>: what changes between two configurations, in terms of security.</summary>
internal static class DiffCommand
{
    public static Command Create()
    {
        var old = new Argument<string>("OLD") { Description = "The configuration before" };
        var current = new Argument<string>("NEW") { Description = "The configuration after" };
        var strict = new Option<bool>("--fail-if-weaker") { Description = "Exit with 1 when a change weakens security or has to be judged by a person, as for a build" };
        var output = OutputOption.Create();
        var command = new Command("diff", "Says what changes between two configurations, in terms of security") { old, current, strict, output };
        command.SetAction(parsed =>
        {
            var loader = new ConfigurationLoader(PolicyKinds.All);
            var (before, after) = (loader.LoadFile(parsed.GetRequiredValue(old)), loader.LoadFile(parsed.GetRequiredValue(current)));
            var errors = before.Problems.All.Concat(after.Problems.All).Where(problem => problem.IsError).ToList();
            if (errors.Count > 0)
            {
                foreach (var error in errors) parsed.InvocationConfiguration.Error.WriteLine(error);
                return 1;
            }

            var diff = ConfigurationDiff.Compare(before, after);
            parsed.InvocationConfiguration.Output.Write(parsed.GetValue(output) == OutputOption.Json ? diff.ToJson() + "\n" : diff.ToText());
            return parsed.GetValue(strict) && diff.MayWeaken ? 1 : 0;
        });
        return command;
    }
}
