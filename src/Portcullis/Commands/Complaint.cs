using System.CommandLine;

namespace Portcullis.Commands;

/// <summary>Says on standard error what went wrong and what to do, and gives the exit code for it.</summary>
internal static class Complaint
{
    /// <summary>One problem and its hint.</summary>
    public static int Write(string problem, string hint) => Write(Console.Error, problem, hint);

    /// <summary>The same where a command writes.</summary>
    public static int Write(ParseResult parsed, string problem, string hint) => Write(parsed.InvocationConfiguration.Error, problem, hint);

    /// <summary>Problems that carry their hints.</summary>
    public static int Write(IReadOnlyList<string> problems)
    {
        foreach (var problem in problems) Console.Error.WriteLine(problem);
        return 1;
    }

    // What was typed or read is part of many problems: here it can't move anybody's cursor, whoever wrote the sentence.
    private static int Write(TextWriter error, string problem, string hint)
    {
        error.WriteLine($"error: {Printing.Line(problem)}");
        error.WriteLine($"  hint: {Printing.Line(hint)}");
        return 1;
    }
}
