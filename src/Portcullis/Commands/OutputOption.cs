using System.CommandLine;

namespace Portcullis.Commands;

/// <summary><c>--output text|json</c>, the same on every verb that prints data.</summary>
internal static class OutputOption
{
    public const string Json = "json";

    public static Option<string> Create()
    {
        var output = new Option<string>("--output") { Description = "text or json", DefaultValueFactory = _ => "text" };
        output.AcceptOnlyFromAmong("text", Json);
        return output;
    }
}
