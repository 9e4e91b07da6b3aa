using System.CommandLine;
using System.Text.Json;
using Portcullis.Commands;

namespace Portcullis.EndToEnd.Tests.Commands;

public sealed class ConfigurationCommandsTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Init_writes_a_configuration_without_errors_and_warnings()
    {
        var (code, output, _) = await RunAsync(InitCommand.Create(), directory.Path);
        Assert.Equal(0, code);
        Assert.Contains("portcullis check " + directory.At("portcullis.yaml"), output, StringComparison.Ordinal);

        (code, output, _) = await RunAsync(CheckCommand.Create(), directory.At("portcullis.yaml"));

        Assert.Equal($"{directory.At("portcullis.yaml")} is valid: 2 listeners, 1 cluster, 2 routes, 0 warnings\n", output);
        Assert.Equal(0, code);
    }

    [Fact]
    public async Task Init_never_overwrites()
    {
        var file = directory.Write("portcullis.yaml", "mine");

        var (code, _, error) = await RunAsync(InitCommand.Create(), directory.Path);

        Assert.Equal((1, $"error: {file} is there already\n  hint: name another directory, or remove the file\n", "mine"), (code, error, File.ReadAllText(file)));
    }

    [Fact]
    public async Task Init_makes_the_directory()
    {
        await RunAsync(InitCommand.Create(), directory.At("a/b"));

        Assert.True(File.Exists(directory.At("a/b/portcullis.yaml")));
    }

    [Fact]
    public async Task Init_where_a_file_stands_in_the_way_is_refused()
    {
        directory.Write("a", "file");

        Assert.Equal(1, (await RunAsync(InitCommand.Create(), directory.At("a"))).Code);
    }

    [Fact]
    public async Task Check_prints_every_problem_and_fails()
    {
        var file = directory.Write("bad.yaml", "listeners: { public: { address: nowhere } }\nroutes: { a: { match: { path: no-slash }, redirect: {}, policies: { authenticate: none, cors: { origins: [nonsense] } } } }\n");

        var (code, output, _) = await RunAsync(CheckCommand.Create(), file);

        Assert.Equal(1, code);
        Assert.Contains($"{file}:1:33: error: listeners.public.address: expected an address and port, found 'nowhere'\n  hint: ", output, StringComparison.Ordinal);
        Assert.Contains("error: routes.a.match.path: ", output, StringComparison.Ordinal);
        Assert.Contains("error: routes.a.policies.cors.origins[0]: ", output, StringComparison.Ordinal);
        Assert.EndsWith($"{file} is not valid: 3 errors, 0 warnings\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_names_each_mistake_once()
    {
        var file = directory.Write(
            "bad.yaml",
            """
            listeners: { public: { address: "127.0.0.1:8080" } }
            clusters:
              orders:
                destinations: ["https://a.example/x", "https://b.example", "https://b.example"]
                tls: { dangerouslyAcceptAnyCertificate: true }
                network: { allow: [169.254.0.0/16] }
                balance: hash
                hash: { on: cookie }
            routes: { orders: { match: { path: /orders }, redirect: {}, policies: { authenticate: none } } }
            """);

        var (_, output, _) = await RunAsync(CheckCommand.Create(), file);

        Assert.EndsWith($"{file} is not valid: 3 errors, 2 warnings\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_gives_json()
    {
        var file = directory.Write("bad.yaml", "data: ./x\nalerts: {}\n");

        var (code, output, _) = await RunAsync(CheckCommand.Create(), file, "--output", "json");

        using var json = JsonDocument.Parse(output);
        var problem = json.RootElement.GetProperty("problems").EnumerateArray().Single(one => one.GetProperty("path").GetString() == "alerts");
        Assert.Equal((1, false, "error", 2, 1), (code, json.RootElement.GetProperty("valid").GetBoolean(), problem.GetProperty("severity").GetString(), problem.GetProperty("line").GetInt32(), problem.GetProperty("column").GetInt32()));
    }

    [Fact]
    public async Task Check_of_a_missing_file_fails_with_a_hint()
    {
        var (code, output, _) = await RunAsync(CheckCommand.Create(), directory.At("none.yaml"));

        Assert.Equal(1, code);
        Assert.Contains("error: the file does not exist\n  hint: ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Diff_names_what_weakens_and_fails_only_when_asked()
    {
        await RunAsync(InitCommand.Create(), directory.Path);
        var old = directory.At("portcullis.yaml");
        var current = directory.Write("new.yaml", File.ReadAllText(old).Replace("authenticate: token ", "authenticate: none #", StringComparison.Ordinal).Replace("authorize:", "# authorize:", StringComparison.Ordinal));

        var (code, output, _) = await RunAsync(DiffCommand.Create(), old, current);
        Assert.Equal(0, code);
        Assert.Contains("- route orders no longer needs token: it is open to everybody", output, StringComparison.Ordinal);

        Assert.Equal(1, (await RunAsync(DiffCommand.Create(), old, current, "--fail-if-weaker")).Code);
        Assert.Equal(0, (await RunAsync(DiffCommand.Create(), old, old, "--fail-if-weaker")).Code);

        // What only a person can judge does not pass either.
        current = directory.Write("new.yaml", File.ReadAllText(old).Replace("/orders/{**rest}", "/{**rest}", StringComparison.Ordinal));
        Assert.Equal(1, (await RunAsync(DiffCommand.Create(), old, current, "--fail-if-weaker")).Code);
    }

    [Fact]
    public async Task Diff_gives_json()
    {
        await RunAsync(InitCommand.Create(), directory.Path);
        var file = directory.At("portcullis.yaml");

        var (code, output, _) = await RunAsync(DiffCommand.Create(), file, file, "--output", "json");

        using var json = JsonDocument.Parse(output);
        Assert.Equal((0, 0), (code, json.RootElement.GetProperty("changes").GetArrayLength()));
    }

    [Fact]
    public async Task Diff_of_a_broken_file_fails_with_its_errors()
    {
        var (code, output, error) = await RunAsync(DiffCommand.Create(), directory.Write("a.yaml", "x: 1\n"), directory.At("none.yaml"));

        Assert.Equal((1, string.Empty), (code, output));
        Assert.Contains("a.yaml:1:1: error: x: unknown key 'x'", error, StringComparison.Ordinal);
        Assert.Contains("none.yaml: error: the file does not exist", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Schema_is_json()
    {
        var (code, output, _) = await RunAsync(SchemaCommand.Create());

        using var json = JsonDocument.Parse(output);
        Assert.Equal((0, "Portcullis configuration"), (code, json.RootElement.GetProperty("title").GetString()));
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(Command command, params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var parsed = new RootCommand { command }.Parse([command.Name, .. arguments]);
        Assert.Empty(parsed.Errors);
        var code = await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
        return (code, output.ToString(), error.ToString());
    }
}
