namespace Portcullis.Commands;

/// <summary>Says on standard error what went wrong and what to do, and gives the exit code for it.</summary>
internal static class Complaint
{
    /// <summary>One problem and its hint.</summary>
    public static int Write(string problem, string hint)
    {
        Console.Error.WriteLine($"error: {problem}");
        Console.Error.WriteLine($"  hint: {hint}");
        return 1;
    }

    /// <summary>Problems that carry their hints.</summary>
    public static int Write(IReadOnlyList<string> problems)
    {
        foreach (var problem in problems) Console.Error.WriteLine(problem);
        return 1;
    }
}
