using System.Text;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Dialects;

/// <summary>A request written out as it stands, valid or not: the tests break HTTP on purpose.</summary>
internal static class RequestText
{
    public static byte[] Write(string method, string target, string version, IEnumerable<(string Name, string Value)> headers, byte[] body)
    {
        var head = new StringBuilder().Append(method).Append(' ').Append(target).Append(' ').Append(version).Append("\r\n");
        foreach (var (name, value) in headers) head.Append(name).Append(": ").Append(value).Append("\r\n");
        return [.. Encoding.UTF8.GetBytes(head.Append("\r\n").ToString()), .. body];
    }
}
