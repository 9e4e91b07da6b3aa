using System.Data.Common;
using System.Net;

namespace Portcullis.Gateway.Configuration.Rules;

/// <summary>What can be said of a connection string without connecting. It is never quoted: it may hold a password.</summary>
internal static class StorageRules
{
    private const string Path = "storage.postgres";

    public static void Check(RuleScope scope)
    {
        if (scope.Options.Storage.Postgres is not { } postgres) return;
        var connection = new DbConnectionStringBuilder();
        try
        {
            connection.ConnectionString = postgres.Reveal();
        }
        catch (ArgumentException)
        {
            scope.Error(Path, "is no connection string", "write Host=…;Database=…;Username=…;Password=…; values with ; or = stand in quotes");
            return;
        }

        if (Value(connection, "Host", "Server") is not { Length: > 0 } hosts)
        {
            scope.Error(Path, "names no host", "write Host=…");
            return;
        }

        // libpq's documentation, 34.19.1: below verify-full any server on the way may pose as the database, and below require all is readable.
        if (!hosts.Split(',').All(IsLocal) && Value(connection, "SSL Mode", "SslMode")?.Replace("-", string.Empty, StringComparison.Ordinal).ToUpperInvariant() != "VERIFYFULL")
            scope.Warning(Path, "the certificate of the database's server is not checked, or nothing is encrypted", "add SSL Mode=VerifyFull, and Root Certificate=FILE where the system does not trust its issuer");
    }

    private static string? Value(DbConnectionStringBuilder connection, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (connection.TryGetValue(name, out var value)) return value as string;
        }

        return null;
    }

    // A socket in the file system, or loopback.
    private static bool IsLocal(string host)
    {
        var name = host.Trim();
        if (name.StartsWith('/') || name is "localhost") return true;
        return (IPAddress.TryParse(name, out var address) || (IPEndPoint.TryParse(name, out var point) && (address = point.Address) is not null)) && IPAddress.IsLoopback(address!);
    }
}
