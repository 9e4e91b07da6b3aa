using System.Text;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Running;

/// <summary>What came back for the bytes of a request.</summary>
/// <param name="Status">0 where there is no answer that is HTTP.</param>
/// <param name="Bytes">Head and body as they came.</param>
/// <param name="Fault">Why there is no answer; null where there is one.</param>
internal sealed record RawResponse(int Status, byte[] Bytes, string? Fault)
{
    public string Text => Encoding.UTF8.GetString(Bytes);

    /// <summary>The value of the first header of this name.</summary>
    public string? Header(string name)
    {
        foreach (var line in Text.Split("\r\n\r\n", 2)[0].Split("\r\n").Skip(1))
        {
            if (line.Split(':', 2) is [var found, var value] && found.Equals(name, StringComparison.OrdinalIgnoreCase)) return value.Trim();
        }

        return null;
    }
}
