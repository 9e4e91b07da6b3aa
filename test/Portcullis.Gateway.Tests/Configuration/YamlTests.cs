using System.Diagnostics;
using System.Text;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Policies;

namespace Portcullis.Gateway.Tests.Configuration;

public class YamlTests
{
    [Theory]
    [InlineData("a: !!python/object:os.system x", "1:4", "the tag 'tag:yaml.org,2002:python/object:os.system' is not allowed")]
    [InlineData("a: !x y", "1:4", "the tag '!x' is not allowed")]
    [InlineData("a: &x\n  b: *x", "2:6", "the alias 'x' stands within its own value")]
    [InlineData("a: *x", "1:4", "there is no anchor 'x' above this alias")]
    [InlineData("a: &x { b: c }\nd:\n  <<: *x", "3:3", "merge keys (<<) are not supported")]
    [InlineData("a: 1\n---\nb: 2", "2:1", "the file holds several YAML documents")]
    [InlineData("[a, b]: c", "1:1", "a key must be plain text")]
    [InlineData("{ {a: b}: c }", "1:3", "a key must be plain text")]
    [InlineData("&x a: b", "1:1", "a key must be plain text")]
    [InlineData("listeners:\n\tpublic: {}", "2:1", "a tab is used for indentation")]
    [InlineData("a: \u0085", "1:4", "character U+0085 is not allowed in the file")]
    [InlineData("a: b\n# \u202Etxt", "2:3", "character U+202E is not allowed in the file")]
    [InlineData("a: \0b", "1:4", "character U+0000 is not allowed in the file")]
    [InlineData("a: \u001B[31m", "1:4", "character U+001B is not allowed in the file")]
    [InlineData("", "1:1", "the configuration is empty")]
    [InlineData("# nothing\n", "1:1", "the configuration is empty")]
    [InlineData("---\n...\n", "1:1", "the configuration is empty")]
    [InlineData("- a", "1:1", "expected keys and values such as { data: …, listeners: … }, found a list")]
    [InlineData("just text", "1:1", "expected keys and values such as { data: …, listeners: … }, found a single value")]
    public void What_is_no_plain_configuration_is_refused_where_it_stands(string yaml, string place, string message)
    {
        var error = Load.Text(yaml).Problems.All.First(problem => problem.IsError);

        Assert.Equal((place, message), ($"{error.Line}:{error.Column}", error.Message));
    }

    [Theory]
    [InlineData("a: [1, 2\nb: 3\n")]
    [InlineData("a: \"unclosed\n")]
    [InlineData("a: 'unclosed\n")]
    [InlineData("a: b: c\n")]
    [InlineData("a: }\n")]
    [InlineData("  a: 1\n b: 2\n")]
    [InlineData("a: @x\n")]
    [InlineData("%YAML 9.9\n---\na: 1\n")]
    [InlineData("a: |99\n x\n")]
    [InlineData("? ")]
    [InlineData("a: \"\\ud800\"\n")]
    public void Broken_yaml_is_an_error_and_nothing_else(string yaml)
    {
        var result = Load.Text(yaml);

        Assert.Null(result.Options);
        Assert.Contains(result.Problems.All, problem => problem.IsError);
    }

    [Fact]
    public void An_alias_repeats_a_value()
    {
        var options = Load.Options(Load.Minimal.Replace(
            "destinations: [\"http://127.0.0.1:9001\"] }",
            "destinations: &all [\"http://127.0.0.1:9001\"] }\n  copy: { destinations: *all }",
            StringComparison.Ordinal));

        Assert.Equal("http://127.0.0.1:9001", options.Clusters["copy"].Destinations[0].Url.OriginalString);
    }

    [Fact]
    public void Byte_order_mark_and_windows_line_ends_change_nothing()
    {
        var bytes = Encoding.UTF8.GetPreamble().Concat(Encoding.UTF8.GetBytes(Load.Minimal.Replace("\n", "\r\n", StringComparison.Ordinal) + "bad: 1\r\n")).ToArray();

        var result = new ConfigurationLoader(PolicyKinds.All, new Dictionary<string, string>()).Load(bytes);

        var error = Assert.Single(result.Problems.All, problem => problem.IsError);
        Assert.Equal((11, 1, "unknown key 'bad'"), (error.Line, error.Column, error.Message));
    }

    [Fact]
    public void Invalid_utf8_is_located()
    {
        var result = new ConfigurationLoader(PolicyKinds.All).Load([.. "data: x\nab: "u8, 0xC0, 0xAF]);

        var error = Assert.Single(result.Problems.All);
        Assert.Equal((2, 5, "byte 0xC0 is not valid UTF-8"), (error.Line, error.Column, error.Message));
    }

    public static TheoryData<string, string> Bombs => new()
    {
        { "deep flow lists", "a: " + new string('[', 100_000) },
        { "deep flow mappings", string.Concat(Enumerable.Repeat("{a: ", 100_000)) },
        { "deep block mappings", string.Concat(Enumerable.Range(0, 1500).Select(depth => new string(' ', depth) + "a:\n")) },
        { "a billion laughs", "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 20).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]\n")) },
        { "a huge value", "data: " + new string('x', 4_000_000) },
        { "a huge key", new string('x', 4_000_000) + ": 1" },
        { "a huge quoted value", "data: \"" + new string('\\', 4_000_000) + "\"" },
        { "a hundred thousand unknown keys", string.Concat(Enumerable.Range(0, 100_000).Select(i => $"k{i}: 1\n")) },
        { "a hundred thousand clusters", "clusters:\n" + string.Concat(Enumerable.Range(0, 100_000).Select(i => $"  c{i}: {{}}\n")) },
        { "a hundred thousand routes to nowhere", "routes:\n" + string.Concat(Enumerable.Range(0, 80_000).Select(i => $" r{i}: {{match: {{path: /}}, cluster: c{i}}}\n")) },
        { "two million empty items", "a: [" + new string(',', 2_000_000) + "]" },
        { "nothing but dashes", new string('-', 4_000_000) },
        { "nothing but questions", string.Concat(Enumerable.Repeat("? ", 500_000)) },
        { "nothing but quotes", new string('"', 1_000_000) },
        { "nothing but colons", string.Concat(Enumerable.Repeat(":\n", 500_000)) },
        { "nothing but anchors", string.Concat(Enumerable.Range(0, 200_000).Select(i => $"- &a{i} x\n")) },
        { "nothing but spaces", new string(' ', 4_000_000) },
        { "nothing but comments", string.Concat(Enumerable.Repeat("#\n", 1_000_000)) },
        { "placeholders", "data: \"" + string.Concat(Enumerable.Repeat("${env:X}", 100_000)) + "\"" },
        { "too large", new string('#', ConfigurationLoader.MaximumBytes + 1) },
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public void A_hostile_file_costs_bounded_time_and_memory(string name, string yaml)
    {
        var clock = Stopwatch.StartNew();
        var before = GC.GetAllocatedBytesForCurrentThread();

        var result = Load.Text(yaml, ("X", "secret"));

        Assert.True(result.Options is null, name);
        Assert.True(result.Problems.All.Count is > 0 and <= ConfigurationProblems.MostReported + 1, name);
        Assert.All(result.Problems.All, problem => Assert.True(problem.ToString().Length < 2000, name));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(15), $"{name}: {clock.Elapsed}");
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1L << 30, $"{name}: {(GC.GetAllocatedBytesForCurrentThread() - before) >> 20} MiB");
    }
}
