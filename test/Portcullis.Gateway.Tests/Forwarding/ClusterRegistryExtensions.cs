using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Forwarding;

namespace Portcullis.Gateway.Tests.Forwarding;

internal static class ClusterRegistryExtensions
{
    /// <summary>Applies options that must be valid.</summary>
    public static void Apply(this ClusterRegistry registry, IReadOnlyDictionary<string, ClusterOptions> options)
    {
        var problems = new ConfigurationProblems(SourceMap.BuiltIn);
        var plan = ClusterRegistry.Prepare(options, problems);
        Assert.Empty(problems.All);
        registry.Apply(plan);
    }
}
