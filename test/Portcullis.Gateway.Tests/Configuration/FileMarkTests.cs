using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Tests.Configuration;

public sealed class FileMarkTests : IDisposable
{
    private static readonly DateTime Then = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Unchanged_file_keeps_its_mark()
    {
        var file = directory.Write("a", "one");
        var mark = FileMark.Of(file);
        File.ReadAllText(file);
        Assert.Equal(mark, FileMark.Of(file));
    }

    [Fact]
    public void Another_length_time_or_absence_is_another_mark()
    {
        var file = directory.Write("a", "one");
        var marks = new HashSet<FileMark> { FileMark.Of(file) };
        File.SetLastWriteTimeUtc(file, Then);
        Assert.True(marks.Add(FileMark.Of(file)));
        File.WriteAllText(file, "longer");
        File.SetLastWriteTimeUtc(file, Then);
        Assert.True(marks.Add(FileMark.Of(file)));
        File.Delete(file);
        Assert.True(marks.Add(FileMark.Of(file)));
    }

    [Fact]
    public void Swapped_link_to_a_file_of_the_same_length_and_time_is_another_mark()
    {
        File.SetLastWriteTimeUtc(directory.Write("..1/file", "one"), Then);
        File.SetLastWriteTimeUtc(directory.Write("..2/file", "two"), Then);
        var data = Path.Combine(directory.Path, "..data");
        var file = Path.Combine(directory.Path, "file");
        Directory.CreateSymbolicLink(data, "..1");
        File.CreateSymbolicLink(file, "..data/file");
        var before = FileMark.Of(file);
        File.Delete(data);
        Directory.CreateSymbolicLink(data, "..2");
        Assert.NotEqual(before, FileMark.Of(file));
    }

    [Fact]
    public void Path_names_every_link_on_its_way()
    {
        directory.Write("..1/file", "one");
        Directory.CreateSymbolicLink(Path.Combine(directory.Path, "..data"), "..1");
        File.CreateSymbolicLink(Path.Combine(directory.Path, "file"), "..data/file");
        var path = LinkedPath.Of(Path.Combine(directory.Path, "file"));
        Assert.EndsWith("/..1/file", path.Target, StringComparison.Ordinal);
        foreach (var name in (string[])["file", "..data", "..1/file"]) Assert.Contains(path.Names, known => known.EndsWith($"/{name}", StringComparison.Ordinal));
        Assert.DoesNotContain(path.Names, known => known.EndsWith("/neighbour", StringComparison.Ordinal));
    }

    [Fact]
    public void Loop_of_links_has_an_end()
    {
        var first = Path.Combine(directory.Path, "first");
        File.CreateSymbolicLink(first, "second");
        File.CreateSymbolicLink(Path.Combine(directory.Path, "second"), "first");
        Assert.InRange(LinkedPath.Of(first).Names.Count, 1, 100);
        Assert.Equal(FileMark.Of(first), FileMark.Of(first));
    }
}
