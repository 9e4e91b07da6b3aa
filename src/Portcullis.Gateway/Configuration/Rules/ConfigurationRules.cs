namespace Portcullis.Gateway.Configuration.Rules;

/// <summary>
/// The checks that need the whole configuration but nothing compiled: references, contradictions, files, and what weakens
/// security. One class for each section.
/// </summary>
internal static class ConfigurationRules
{
    public static void Check(GatewayOptions options, string directory, SourceMap source, ConfigurationProblems problems)
    {
        var scope = new RuleScope(options, directory, source, problems);
        ListenerRules.Check(scope);
        ListenerTlsRules.Check(scope);
        AddressRules.Check(scope);
        ClusterRules.Check(scope);
        RouteRules.Check(scope);
        IdentityRules.Check(scope);
        KeyRules.Check(scope);
        CertificateCallerRules.Check(scope);
        PeopleRules.Check(scope);
        DataClassRules.Check(scope);
        FileRules.Check(scope);
        TelemetryRules.Check(scope);
        StorageRules.Check(scope);
    }
}
