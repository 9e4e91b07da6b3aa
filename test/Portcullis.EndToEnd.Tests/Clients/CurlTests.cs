using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Clients;

[Collection(nameof(SharedNodeTests))]
public sealed class CurlTests(SharedNode shared)
{
    private readonly Node node = shared.Node;
    private readonly string curl = Requirement.Tool("curl", "curl");

    [Theory]
    [InlineData("--http1.1", false, "1.1")]
    [InlineData("--http2-prior-knowledge", false, "2")]
    [InlineData("--http1.1", true, "1.1")]
    [InlineData("--http2", true, "2")]
    public async Task Every_version_is_served(string option, bool isTls, string version)
    {
        var (code, output, error) = await CurlAsync(option, "-w", "\n%{http_version} %{http_code} %{ssl_verify_result}", Url(isTls, "/open/x"));

        Assert.True(code == 0, error);
        Assert.Equal($"GET /open/x\n{version} 200 0", output);
    }

    [Fact]
    public async Task TLS_1_3_is_spoken_and_1_2_is_refused_by_default()
    {
        var (code, _, error) = await CurlAsync("-v", Url(true, "/open/x"));
        Assert.Equal(0, code);
        Assert.Contains("TLSv1.3", error, StringComparison.Ordinal);

        (code, _, _) = await CurlAsync("--tls-max", "1.2", Url(true, "/open/x"));
        Assert.Equal(35, code);
    }

    [Fact]
    public async Task A_certificate_of_nobody_is_not_trusted_unless_told_to()
    {
        var (code, _, _) = await ToolProcess.RunAsync(curl, "-sS", Url(true, "/open/x"));

        Assert.Equal(60, code);
    }

    [Fact]
    public async Task A_refusal_is_a_problem_document_with_code_and_request_id()
    {
        var (_, output, _) = await CurlAsync("-i", "--http1.1", Url(true, "/none"));

        Assert.StartsWith("HTTP/1.1 404", output, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", output, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"route.not_found\"", output, StringComparison.Ordinal);
        Assert.Contains("\"requestId\":\"", output, StringComparison.Ordinal);
        Assert.DoesNotContain("\nserver:", output, StringComparison.OrdinalIgnoreCase);
    }

    private string Url(bool isTls, string path) => (isTls ? node.Tls(path) : node.Plain(path)).ToString();

    private Task<(int Code, string Output, string Error)> CurlAsync(params string[] arguments) => ToolProcess.RunAsync(curl, ["-sS", "--max-time", "20", "--cacert", node.DevelopmentCertificate, .. arguments]);
}
