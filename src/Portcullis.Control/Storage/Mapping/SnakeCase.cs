using System.Text;

namespace Portcullis.Control.Storage.Mapping;

/// <summary>Names of columns, which both databases take without quotes.</summary>
internal static class SnakeCase
{
    /// <summary><c>SecretHash</c> becomes <c>secret_hash</c>.</summary>
    public static string Of(string name)
    {
        var result = new StringBuilder(name.Length + 4);
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsAsciiLetterUpper(name[i])) result.Append('_');
            result.Append(char.ToLowerInvariant(name[i]));
        }

        return result.ToString();
    }
}
