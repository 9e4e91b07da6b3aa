using Portcullis.Gateway.Configuration.Binding;

namespace Portcullis.Gateway.Configuration.Rules;

/// <summary>Files that the configuration names exist, can be read, and are kept from other users where they hold keys.</summary>
internal static class FileRules
{
    public static void Check(RuleScope scope)
    {
        foreach (var (name, listener) in scope.Options.Listeners)
        {
            if (listener.Tls is { } tls) CheckTls(scope, $"listeners.{name}.tls", tls);
        }

        CheckTls(scope, "admin.tls", scope.Options.Admin.Tls);
        CheckKey(scope, "keys.wrappingKey.file", scope.Options.Keys.WrappingKey.File);
        foreach (var (name, cluster) in scope.Options.Clusters)
        {
            var path = $"clusters.{name}.tls";
            CheckFile(scope, path + ".ca", cluster.Tls.Ca);
            CheckFile(scope, path + ".certificate", cluster.Tls.Certificate);
            CheckKey(scope, path + ".privateKey", cluster.Tls.PrivateKey);
        }
    }

    private static void CheckTls(RuleScope scope, string path, TlsOptions tls)
    {
        CheckFile(scope, path + ".certificate", tls.Certificate);
        CheckKey(scope, path + ".privateKey", tls.PrivateKey);
        CheckKey(scope, path + ".passwordFile", tls.PasswordFile);
        CheckFile(scope, path + ".clientCa", tls.ClientCa);
        for (var i = 0; i < tls.AdditionalCertificates.Count; i++)
        {
            var item = $"{path}.additionalCertificates[{i}]";
            CheckFile(scope, item + ".certificate", tls.AdditionalCertificates[i].Certificate);
            CheckKey(scope, item + ".privateKey", tls.AdditionalCertificates[i].PrivateKey);
            CheckKey(scope, item + ".passwordFile", tls.AdditionalCertificates[i].PasswordFile);
        }
    }

    private static bool CheckFile(RuleScope scope, string path, string? file)
    {
        if (file is null) return false;
        if (BoundedFile.Check(file) is not { } error) return true;
        scope.Error(path, $"file {Excerpt.Quote(scope.Show(file))} {error}", "relative paths start at the configuration file's directory");
        return false;
    }

    private static void CheckKey(RuleScope scope, string path, string? file)
    {
        if (!CheckFile(scope, path, file) || OperatingSystem.IsWindows()) return;
        if ((File.GetUnixFileMode(file!) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != UnixFileMode.None)
            scope.Warning(path, $"every user of this machine can read or change {Excerpt.Quote(scope.Show(file!))}", $"chmod 600 {scope.Show(file!)}");
    }
}
