using System.Net;
using Portcullis.EndToEnd.Tests.Clients;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Serving;

/// <summary>A configuration in a directory as Kubernetes mounts a ConfigMap: the file is a link through <c>..data</c>, which is swapped as a whole.</summary>
public sealed class MountedConfigurationTests
{
    [Fact]
    public async Task A_swapped_ConfigMap_is_taken_over_by_a_running_node_time_and_again()
    {
        var move = Requirement.Tool("mv", "coreutils");
        await using var node = await Node.StartAsync(Configuration("/a"), prepare: node =>
        {
            Directory.CreateDirectory(node.At("..1"));
            Directory.CreateSymbolicLink(node.At("..data"), "..1");
            node.Write("..1/portcullis.yaml", string.Empty);
            File.CreateSymbolicLink(node.ConfigurationFile, "..data/portcullis.yaml");
        });
        Assert.Equal(HttpStatusCode.PermanentRedirect, await node.StatusAsync(node.Plain("/a")));

        for (var version = 2; version < 5; version++)
        {
            var path = $"/{version}";
            node.Write($"..{version}/portcullis.yaml", node.Fill(Configuration(path)));
            Directory.CreateSymbolicLink(node.At("..data_tmp"), $"..{version}");
            Assert.Equal(0, (await ToolProcess.RunAsync(move, "-T", node.At("..data_tmp"), node.At("..data"))).Code);
            Directory.Delete(node.At($"..{version - 1}"), recursive: true);

            await Eventually.HoldsAsync(async () => await node.StatusAsync(node.Plain(path)) == HttpStatusCode.PermanentRedirect, $"version {version} is taken over");
            Assert.Equal(version, await node.VersionAsync());
        }

        Assert.Equal(HttpStatusCode.NotFound, await node.StatusAsync(node.Plain("/a")));
    }

    [Fact]
    public async Task A_swapped_Secret_serves_its_certificate_to_the_next_handshake()
    {
        var move = Requirement.Tool("mv", "coreutils");
        await using var node = await Node.StartAsync(
            """
            data: data
            listeners: { public: { address: "{tls}", tls: { certificate: secret/tls.crt, privateKey: secret/tls.key } } }
            admin: { address: "{admin}" }
            routes: { to: { match: { path: /a }, redirect: {}, policies: { authenticate: none } } }
            """,
            prepare: node =>
            {
                WriteCertificate(node, "secret/..1", "one.example");
                Directory.CreateSymbolicLink(node.At("secret/..data"), "..1");
                foreach (var file in new[] { "tls.crt", "tls.key" }) File.CreateSymbolicLink(node.At("secret/" + file), "..data/" + file);
            });
        Assert.Equal("CN=one.example", await SubjectAsync(node));

        WriteCertificate(node, "secret/..2", "two.example");
        Directory.CreateSymbolicLink(node.At("secret/..data_tmp"), "..2");
        Assert.Equal(0, (await ToolProcess.RunAsync(move, "-T", node.At("secret/..data_tmp"), node.At("secret/..data"))).Code);

        await Eventually.HoldsAsync(async () => await SubjectAsync(node) == "CN=two.example", "the new certificate is served");
    }

    private static void WriteCertificate(Node node, string folder, string name)
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=" + name, key, System.Security.Cryptography.HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(30));
        node.Write(folder + "/tls.crt", certificate.ExportCertificatePem());
        node.Write(folder + "/tls.key", key.ExportPkcs8PrivateKeyPem());
    }

    private static async Task<string> SubjectAsync(Node node)
    {
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, node.TlsPort);
        await using var tls = new System.Net.Security.SslStream(socket.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("localhost");
        return tls.RemoteCertificate!.Subject;
    }

    private static string Configuration(string path) =>
        $$"""
        data: data
        listeners: { plain: { address: "{plain}" } }
        admin: { address: "{admin}" }
        routes: { to: { match: { path: {{path}} }, redirect: {}, policies: { authenticate: none } } }
        """;
}
