using System.Reflection;
using System.Text;
using Portcullis.Waf.SecLang;

namespace Portcullis.Waf.Builtin;

/// <summary>The rules that the library brings along: the <c>.conf</c> files of this folder, in the order of their names.</summary>
internal static class BuiltinRules
{
    public static void Load(RuleFiles files)
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.EndsWith(".conf", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!, Encoding.Latin1);
            files.Parse(reader.ReadToEnd(), $"builtin:{name}");
        }
    }
}
