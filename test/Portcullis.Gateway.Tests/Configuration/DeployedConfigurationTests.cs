using System.Text;
using System.Text.RegularExpressions;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Policies;

namespace Portcullis.Gateway.Tests.Configuration;

/// <summary>What stands in deploy/ and what the gateway needs of it agree.</summary>
public sealed partial class DeployedConfigurationTests
{
    [Fact]
    public void Kubernetes_keeps_the_data_in_a_directory_below_the_volume()
    {
        // The kubelet opens the volume's own directory to the pod's group, which the gateway refuses.
        var mounted = Volume().Match(Read("kubernetes/deployment.yaml")).Groups[1].Value;
        var result = Kubernetes();

        Assert.Equal("/var/lib/portcullis", mounted);
        Assert.StartsWith(mounted + "/", result.Bound.Data, StringComparison.Ordinal);
    }

    [Fact]
    public void Kubernetes_configuration_has_no_error_but_the_certificate_that_the_cluster_brings()
        => Assert.All(Kubernetes().Problems.All, problem => Assert.StartsWith("listeners.public.tls.", problem.Path, StringComparison.Ordinal));

    private static LoadResult Kubernetes() => new ConfigurationLoader(PolicyKinds.All, new Dictionary<string, string>(StringComparer.Ordinal)).Load(Encoding.UTF8.GetBytes(Read("kubernetes/portcullis.yaml")), "portcullis.yaml");

    private static string Read(string name) => File.ReadAllText(Path.Combine(Repository.Root, "deploy", name));

    [GeneratedRegex("name: data, mountPath: ([^ ]+) }", RegexOptions.NonBacktracking)]
    private static partial Regex Volume();
}
