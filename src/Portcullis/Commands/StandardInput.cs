namespace Portcullis.Commands;

/// <summary>What a verb reads from standard input, since arguments stand in shells' histories and lists of processes.</summary>
internal static class StandardInput
{
    /// <summary>The text without white space around it; what is longer is cut off, and fits nothing then.</summary>
    /// <param name="longest">Characters at most.</param>
    public static async Task<string> ReadAsync(int longest)
    {
        var buffer = new char[longest];
        var length = await Console.In.ReadBlockAsync(buffer);
        return new string(buffer, 0, length).Trim();
    }
}
