using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Tests.Configuration;

public class PlaceholderTests
{
    private const string Password = "correct-horse-battery";

    [Fact]
    public void A_variable_fills_a_whole_value_or_a_part_of_it()
    {
        var options = Load.Options(Load.Minimal.Replace("https://api.example.com", "${env:SCHEME}://${env:HOST}", StringComparison.Ordinal), ("SCHEME", "https"), ("HOST", "login.example.com"));

        Assert.Equal("https://login.example.com", options.Identity!.Issuer);
    }

    [Fact]
    public void A_filled_in_value_is_bound_like_any_other()
    {
        var options = Load.Options(Load.Minimal + "shutdownTimeout: ${env:T}\n", ("T", "7s"));

        Assert.Equal(TimeSpan.FromSeconds(7), options.ShutdownTimeout);
    }

    [Theory]
    [InlineData("{ a: b }")]
    [InlineData("[x, y]")]
    [InlineData("x\"\nlisteners: {}")]
    [InlineData("${env:OTHER}")]
    [InlineData("null")]
    public void What_is_filled_in_stays_text(string value)
    {
        var options = Load.Text(Load.Minimal.Replace("cluster: orders", "cluster: orders, x: 1", StringComparison.Ordinal).Replace(", x: 1", string.Empty, StringComparison.Ordinal)
            + "telemetry: { otlp: { endpoint: \"http://127.0.0.1:4317\", headers: \"${env:V}\" } }\n", ("V", value), ("OTHER", "no")).Bound;

        Assert.Equal(value, options.Telemetry.Otlp!.Headers!.Reveal());
    }

    [Fact]
    public void Two_dollars_stand_for_one()
        => Assert.EndsWith("a${env:X}b", Load.Options(Load.Minimal + "data: \"a$${env:X}b\"\n").Data, StringComparison.Ordinal);

    [Theory]
    [InlineData("${env:NOPE}", "environment variable 'NOPE' is not set")]
    [InlineData("${env:}", "environment variable '' is not set")]
    [InlineData("${env:EMPTY}", "environment variable 'EMPTY' is empty")]
    [InlineData("${env:LONG}", "environment variable 'LONG' is longer than 64KiB")]
    [InlineData("${NAME}", "'${NAME}' is no known placeholder")]
    [InlineData("${env:NAME", "'${env:NAME' is not closed")]
    [InlineData("${file:}", "${file:} needs a path")]
    [InlineData("${file:missing}", "file 'missing' does not exist")]
    [InlineData("${file:dir}", "file 'dir' is a directory, not a file")]
    [InlineData("${file:empty}", "file 'empty' is empty")]
    [InlineData("${file:binary}", "file 'binary' is not text in UTF-8")]
    [InlineData("${file:large}", "file 'large' is larger than 64KiB")]
    [InlineData("${file:dangling}", "file 'dangling' is a symbolic link to 'nowhere', which does not exist")]
    [InlineData("${file:/dev/zero}", "file '/dev/zero' is larger than 64KiB")]
    public void A_placeholder_without_a_value_is_an_error_where_it_stands(string value, string message)
    {
        using var directory = new TemporaryDirectory();
        directory.Write("dir/x", "x");
        directory.Write("empty", "\n");
        directory.Write("large", new string('x', 64 * 1024 + 1));
        File.WriteAllBytes(Path.Combine(directory.Path, "binary"), [0xFF, 0xFE, 0x00]);
        File.CreateSymbolicLink(Path.Combine(directory.Path, "dangling"), "nowhere");

        var result = Load.Text(Load.Minimal + $"data: \"{value}\"\n", directory.Path, ("EMPTY", ""), ("LONG", new string('x', 70_000)));

        var error = Assert.Single(result.Problems.All, problem => problem.IsError);
        Assert.Equal(("data", 11, 7, message), (error.Path, error.Line, error.Column, error.Message));
    }

    [Theory]
    [InlineData("secret", "secret")]
    [InlineData("secret\n", "secret")]
    [InlineData("secret\r\n", "secret")]
    [InlineData("two\nlines\n", "two\nlines")]
    public void A_file_fills_in_its_text_without_the_last_line_break(string content, string expected)
    {
        using var directory = new TemporaryDirectory();
        directory.Write("secrets/headers", content);

        var result = Load.Text(Load.Minimal + "telemetry: { otlp: { endpoint: \"http://127.0.0.1:4317\", headers: \"${file:secrets/headers}\" } }\n", directory.Path);

        Assert.Equal(expected, result.Bound.Telemetry.Otlp!.Headers!.Reveal());
    }

    [Theory]
    [InlineData("shutdownTimeout: ${env:P}")]
    [InlineData("telemetry: { maskAddresses: \"${env:P}\" }")]
    [InlineData("telemetry: { logLevel: \"${env:P}\" }")]
    [InlineData("admin: { address: \"${env:P}\" }")]
    [InlineData("admin: { allow: [\"${env:P}\"] }")]
    [InlineData("telemetry: { otlp: \"http://${env:P}@host\" }")]
    [InlineData("telemetry: { otlp: \"x${env:P}y\" }")]
    [InlineData("clusters: { orders: { destinations: [\"http://127.0.0.1/${env:P}\"] } }")]
    public void A_filled_in_value_never_shows_in_a_message(string line)
    {
        var yaml = line.StartsWith("clusters", StringComparison.Ordinal)
            ? Load.Minimal.Replace("http://127.0.0.1:9001", "http://127.0.0.1:9001/${env:P}", StringComparison.Ordinal)
            : Load.Minimal + line;
        var result = Load.Text(yaml, ("P", Password));

        Assert.Null(result.Options);
        Assert.DoesNotContain(Password, Load.Report(result), StringComparison.OrdinalIgnoreCase);
    }

    // Messages quote the beginning of long texts only.
    [Theory]
    [InlineData("http://127.0.0.1:9001", "http://10.0.0.5/${env:P}")]
    [InlineData("http://127.0.0.1:9001", "http://10.0.0.5/a/${env:P}/b")]
    [InlineData("cluster: orders", "cluster: \"${env:P}\"")]
    [InlineData("cluster: orders", "cluster: \"x${env:P}\"")]
    [InlineData("https://api.example.com", "https://api.example.com/?${env:P}")]
    public void No_part_of_a_long_value_shows(string old, string current)
    {
        const string secret = "Hr7-Qx2_Zk9mWv4TnB8cLd3FgYs6JpAe5RuXoMi1KhVtEzNqSwGy0PbDfCjUlIaO7r2x9k4m8w3v6t1n5b0cQyHsJgLdFzXe";
        var yaml = Load.Minimal + "identity: { issuer: \"https://api.example.com\" }\n";
        var result = Load.Text(yaml.Replace(old, current, StringComparison.Ordinal), ("P", secret));

        Assert.Null(result.Options);
        var report = Load.Report(result);
        Assert.Contains("[redacted]", report, StringComparison.Ordinal);
        for (var length = 8; length < secret.Length; length++) Assert.DoesNotContain(secret[..length], report, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_filled_in_value_never_shows_in_the_message_of_a_rule()
    {
        var result = Load.Text(Load.Minimal.Replace("cluster: orders", "cluster: \"${env:P}\"", StringComparison.Ordinal), ("P", Password));

        var error = Assert.Single(result.Problems.All, problem => problem.IsError);
        Assert.Equal("there is no cluster '[redacted]'", error.Message);
    }

    [Fact]
    public void A_secret_in_the_file_itself_is_warned_about_and_not_shown()
    {
        var result = Load.Text(Load.Minimal + $"telemetry: {{ otlp: {{ endpoint: \"http://127.0.0.1:4317\", headers: \"api-key={Password}\" }} }}\n");

        var warning = Assert.Single(result.Problems.All, problem => problem.Path == "telemetry.otlp.headers");
        Assert.Equal((false, "a secret stands in the file itself"), (warning.IsError, warning.Message));
        Assert.DoesNotContain(Password, EffectiveConfiguration.ToYaml(result), StringComparison.Ordinal);
    }

    [Fact]
    public void A_placeholder_in_a_key_is_no_placeholder()
        => Assert.Equal("unknown key '${env:X}'", Load.Error(Load.Minimal + "\"${env:X}\": 1\n", ("X", "data")).Message);
}
