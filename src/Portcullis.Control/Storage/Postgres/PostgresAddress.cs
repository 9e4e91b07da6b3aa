using Npgsql;
using Portcullis.Trust.Keys;

namespace Portcullis.Control.Storage.Postgres;

/// <summary>The connection string, with what the gateway decides itself.</summary>
internal static class PostgresAddress
{
    /// <summary>The completed connection string, which may hold a password, and where it leads, which does not.</summary>
    /// <exception cref="StoreException">It can't be read.</exception>
    public static (string ConnectionString, string Place) Read(Secret connectionString)
    {
        NpgsqlConnectionStringBuilder builder;
        try
        {
            builder = new NpgsqlConnectionStringBuilder(connectionString.Reveal());
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            // Neither quoted nor kept as the cause: what is wrong may be the password.
            throw new StoreException("storage.postgres is no connection string of PostgreSQL", "write Host=…;Database=…;Username=…;Password=…, as Npgsql documents it; values with ; or = stand in quotes");
        }

        if (string.IsNullOrWhiteSpace(builder.Host)) throw new StoreException("storage.postgres names no host", "write Host=…");
        builder.ApplicationName ??= "portcullis";

        // What clients sent, or a password, must not come back in the text of an error.
        builder.IncludeErrorDetail = false;
        builder.LogParameters = false;
        builder.PersistSecurityInfo = false;
        return (builder.ConnectionString, $"PostgreSQL database {builder.Database ?? builder.Username ?? "(default)"} at {builder.Host}:{builder.Port}");
    }
}
