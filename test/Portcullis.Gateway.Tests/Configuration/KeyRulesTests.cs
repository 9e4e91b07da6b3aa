namespace Portcullis.Gateway.Tests.Configuration;

/// <summary><c>keys</c>: what is wrong, and what is weak.</summary>
public sealed class KeyRulesTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData("{ credential: a, environment: B }", "keys.wrappingKey", "names more than one source")]
    [InlineData("{ credential: ../a }", "keys.wrappingKey.credential", "'../a' is no name of a credential")]
    [InlineData("{ credential: .. }", "keys.wrappingKey.credential", "'..' is no name of a credential")]
    [InlineData("{ credential: \"\" }", "keys.wrappingKey.credential", "'' is no name of a credential")]
    [InlineData("{ environment: PORTCULLIS__keys }", "keys.wrappingKey.environment", "'PORTCULLIS__keys' can't be the name of that variable")]
    [InlineData("{ environment: \"A=B\" }", "keys.wrappingKey.environment", "'A=B' can't be the name of that variable")]
    [InlineData("{ passphrase: \"${env:SHORT}\" }", "keys.wrappingKey.passphrase", "has fewer than 12 characters")]
    [InlineData("{ file: none.key }", "keys.wrappingKey.file", "file 'none.key' does not exist")]
    public void Wrong_sources_are_errors(string source, string path, string message)
    {
        var error = Load.Text($"{Load.Minimal}keys: {{ wrappingKey: {source} }}\n", directory.Path, ("SHORT", "elevenchars")).Problems.All.First(problem => problem.IsError);

        Assert.Equal((path, message), (error.Path, error.Message));
        Assert.DoesNotContain("elevenchars", error.ToString());
    }

    [Theory]
    [InlineData("wrappingKey: { environment: WRAPPING }", "keys.wrappingKey.environment", "other programs of the same user can read the environment")]
    [InlineData("wrappingKey: { passphrase: \"${env:MEDIUM}\" }", "keys.wrappingKey.passphrase", "has fewer than 20 characters")]
    [InlineData("wrappingKey: { file: portcullis-data/key }", "keys.wrappingKey.file", "the key that protects the wrapping key lies beside it")]
    [InlineData("wrappingKey: { file: open.key }", "keys.wrappingKey.file", "every user of this machine can read or change 'open.key'")]
    [InlineData("rotation: { data: 367d }", "keys.rotation.data", "a key is used for 367 days")]
    [InlineData("rotation: { tokenSigning: 3650d }", "keys.rotation.tokenSigning", "a key is used for 3650 days")]
    public void Weak_choices_are_warned_about(string keys, string path, string message)
    {
        TemporaryDirectory.SetMode(directory.Write("portcullis-data/key", "x"), UnixFileMode.UserRead);
        TemporaryDirectory.SetMode(directory.Write("open.key", "x"), UnixFileMode.UserRead | UnixFileMode.OtherRead);

        var result = Load.Text($"{Load.Minimal}keys: {{ {keys} }}\n", directory.Path, ("MEDIUM", "fourteen chars"));

        Assert.NotNull(result.Options);
        Assert.Contains(result.Problems.All, problem => !problem.IsError && (problem.Path, problem.Message) == (path, message));
    }

    [Theory]
    [InlineData("wrappingKey: { credential: wrapping }, rotation: { audit: 366d, data: 1d }")]
    [InlineData("wrappingKey: { passphrase: \"${env:LONG}\" }")]
    public void Sound_choices_are_not(string keys) =>
        Assert.Empty(Load.Text($"{Load.Minimal}keys: {{ {keys} }}\n", directory.Path, ("LONG", "six random words are long enough")).Problems.All);

    [Theory]
    [InlineData("0s")]
    [InlineData("23h")]
    [InlineData("3651d")]
    public void Periods_out_of_bounds_are_errors(string period) =>
        Assert.Equal("keys.rotation.cookie", Load.Error($"{Load.Minimal}keys: {{ rotation: {{ cookie: {period} }} }}\n").Path);
}
