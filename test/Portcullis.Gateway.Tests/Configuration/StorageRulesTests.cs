namespace Portcullis.Gateway.Tests.Configuration;

public sealed class StorageRulesTests
{
    [Theory]
    [InlineData("open-sesame", "is no connection string")]
    [InlineData("Database=gate;Password=open-sesame", "names no host")]
    [InlineData("Host=;Password=open-sesame", "names no host")]
    public void What_cannot_lead_to_a_database_is_an_error_that_quotes_nothing(string connection, string message)
    {
        var error = Load.Error(Load.Minimal + "storage: { postgres: \"${env:DB}\" }\n", ("DB", connection));

        Assert.Equal(("storage.postgres", message), (error.Path, error.Message));
        Assert.DoesNotContain("open-sesame", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=db.example.com;Password=open-sesame", true)]
    [InlineData("Host=db.example.com;SSL Mode=Require", true)]
    [InlineData("Host=db.example.com;SSL Mode=VerifyCA", true)]
    [InlineData("Server=10.0.0.1", true)]
    [InlineData("Host=/run/postgresql,db.example.com", true)]
    [InlineData("Host=db.example.com;SSL Mode=VerifyFull", false)]
    [InlineData("Host=db.example.com;SslMode=verify-full", false)]
    [InlineData("Host=/run/postgresql", false)]
    [InlineData("Host=localhost", false)]
    [InlineData("Host=127.0.0.1:5433", false)]
    [InlineData("Host=::1", false)]
    public void A_server_elsewhere_that_is_not_verified_is_a_warning(string connection, bool isWarned)
    {
        var result = Load.Text(Load.Minimal + "storage: { postgres: \"${env:DB}\" }\n", ("DB", connection));

        Assert.NotNull(result.Options);
        Assert.Equal(isWarned, result.Problems.All.Any(problem => problem.Path == "storage.postgres" && problem.Hint!.StartsWith("add SSL Mode=VerifyFull", StringComparison.Ordinal)));
        Assert.DoesNotContain("open-sesame", Load.Report(result), StringComparison.Ordinal);
    }

    [Fact]
    public void A_password_in_the_file_itself_is_a_warning()
        => Assert.Contains(Load.Text(Load.Minimal + "storage: { postgres: \"Host=localhost;Password=open-sesame\" }\n").Problems.All, problem => problem.Message == "a secret stands in the file itself");

    [Fact]
    public void Without_the_section_there_is_no_connection_string() => Assert.Null(Load.Options(Load.Minimal).Storage.Postgres);
}
