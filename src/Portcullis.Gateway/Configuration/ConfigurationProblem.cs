namespace Portcullis.Gateway.Configuration;

/// <summary>One thing that is wrong, or weak, in a configuration.</summary>
/// <param name="IsError">True: the configuration is not applied. False: a warning about what weakens security.</param>
/// <param name="File">The file, as the user named it, or the environment variable that set the value.</param>
/// <param name="Line">From 1; 0 where the value does not come from the file.</param>
/// <param name="Column">From 1; 0 where the value does not come from the file.</param>
/// <param name="Path">Key path, as in <c>routes.orders.policies.cors.origins[0]</c>.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Hint">What to do about it.</param>
public sealed record ConfigurationProblem(bool IsError, string File, int Line, int Column, string Path, string Message, string Hint)
{
    /// <summary>
    /// <c>file:line:column: error: path: message</c>, then the hint on a line of its own. Without line and column where the
    /// value does not come from the file.
    /// </summary>
    public override string ToString()
    {
        var place = Line > 0 ? $"{File}:{Line}:{Column}" : File;
        return $"{place}: {(IsError ? "error" : "warning")}: {(Path.Length == 0 ? string.Empty : Path + ": ")}{Message}\n  hint: {Hint}";
    }
}
