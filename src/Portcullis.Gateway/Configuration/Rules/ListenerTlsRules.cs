namespace Portcullis.Gateway.Configuration.Rules;

/// <summary>TLS settings that contradict each other or weaken the connection.</summary>
internal static class ListenerTlsRules
{
    public static void Check(RuleScope scope)
    {
        foreach (var (name, listener) in scope.Options.Listeners)
        {
            if (listener.Tls is not { } tls) continue;
            var path = $"listeners.{name}.tls";
            CheckTls(scope, path, tls);
            if (tls.Certificate is null && !scope.IsWritten(path + ".certificate") && !AddressRules.IsLoopback(listener.Address))
                scope.Warning(path, "a development certificate is served to other machines, and none of them trusts it", "set certificate and privateKey");
        }

        CheckTls(scope, "admin.tls", scope.Options.Admin.Tls);
    }

    private static void CheckTls(RuleScope scope, string path, TlsOptions tls)
    {
        if (tls.MinimumVersion == TlsVersion.Tls12)
            scope.Warning(path + ".minimumVersion", "TLS 1.2 is accepted", "remove the key once every client speaks TLS 1.3");

        if (tls.ClientCertificate != ClientCertificateMode.None && tls.ClientCa is null && !scope.IsWritten(path + ".clientCa"))
            scope.Error(path + ".clientCertificate", "client certificates are asked for, but no authority is named that they must come from", "set clientCa to a PEM file");
        if (tls.ClientCertificate == ClientCertificateMode.None && tls.ClientCa is not null && !scope.IsWritten(path + ".clientCertificate"))
            scope.Warning(path + ".clientCa", "has no effect: clients are not asked for a certificate", "set clientCertificate: required, or remove clientCa");

        CheckPair(scope, path, tls.Certificate, tls.PrivateKey);
        for (var i = 0; i < tls.AdditionalCertificates.Count; i++)
            CheckPair(scope, $"{path}.additionalCertificates[{i}]", tls.AdditionalCertificates[i].Certificate, tls.AdditionalCertificates[i].PrivateKey);
    }

    private static void CheckPair(RuleScope scope, string path, string? certificate, string? privateKey)
    {
        if (certificate is null && privateKey is not null && !scope.IsWritten(path + ".certificate"))
            scope.Error(path + ".privateKey", "a private key without a certificate", "set certificate too");
        if (certificate is not null && privateKey is null && !scope.IsWritten(path + ".privateKey") && !IsPfx(certificate))
            scope.Error(path + ".certificate", "a certificate without its private key", "set privateKey to the key's PEM file");
    }

    private static bool IsPfx(string file) => Path.GetExtension(file).ToUpperInvariant() is ".PFX" or ".P12";
}
