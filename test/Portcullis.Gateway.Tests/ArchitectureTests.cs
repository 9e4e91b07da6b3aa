using System.Reflection;
using System.Xml.Linq;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Tests;

/// <summary>The shape that CONTRIBUTING.md and docs/life-of-a-request.md promise.</summary>
public sealed class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Portcullis.Trust"] = [],
        ["Portcullis.Waf"] = [],
        ["Portcullis.Gateway"] = ["Portcullis.Trust", "Portcullis.Waf"],
        ["Portcullis.Control"] = ["Portcullis.Gateway", "Portcullis.Trust", "Portcullis.Waf"],
        ["Portcullis.Admin"] = ["Portcullis.Control", "Portcullis.Gateway", "Portcullis.Trust", "Portcullis.Waf"],
        ["Portcullis"] = ["Portcullis.Admin", "Portcullis.Control", "Portcullis.Gateway", "Portcullis.Trust", "Portcullis.Waf"],
    };

    [Fact]
    public void Projects_refer_only_to_those_below_them()
    {
        var projects = Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories);
        Assert.Equal(Allowed.Count, projects.Length);
        foreach (var project in projects)
        {
            var references = XDocument.Load(project).Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));
            Assert.All(references, reference => Assert.Contains(reference, Allowed[Path.GetFileNameWithoutExtension(project)]));
        }
    }

    [Theory]
    [InlineData("Portcullis.Trust")]
    [InlineData("Portcullis.Waf")]
    public void Trust_and_Waf_use_the_base_library_only(string name)
    {
        var project = XDocument.Load(Path.Combine(Repository.Root, $"src/{name}/{name}.csproj"));
        Assert.Empty(project.Descendants("PackageReference"));
        Assert.Empty(project.Descendants("FrameworkReference"));
        Assert.DoesNotContain(Assembly.Load(name).GetReferencedAssemblies(), reference => reference.Name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
    }

    [Fact]
    public void The_stages_are_those_of_the_page_in_the_same_order()
    {
        var lines = File.ReadAllLines(Path.Combine(Repository.Root, "docs/life-of-a-request.md"));
        var start = Array.FindIndex(lines, line => line.StartsWith("stages", StringComparison.Ordinal));
        var named = lines.Skip(start + 1).TakeWhile(line => line.StartsWith("    ", StringComparison.Ordinal)).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]);
        Assert.Equal(Enum.GetNames<Stage>(), named);
    }

    [Fact]
    public void No_source_file_is_longer_than_four_hundred_lines()
    {
        var files = Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));
        Assert.All(files, file => Assert.True(File.ReadLines(file).Count() <= 400, file));
    }
}
