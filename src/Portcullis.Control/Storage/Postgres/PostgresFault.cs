using System.Net.Sockets;
using Npgsql;

namespace Portcullis.Control.Storage.Postgres;

/// <summary>What PostgreSQL's error codes (its manual, appendix A) mean to an operator.</summary>
internal static class PostgresFault
{
    /// <summary>The same in words with a hint; null for what is no failure of the database.</summary>
    public static StoreException? Explain(Exception exception, string place)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case PostgresException error:
                    var (message, hint) = Words(error, place);
                    return new StoreException(message, hint, exception);
                case NpgsqlException or SocketException or TimeoutException:
                    return new StoreException($"{place} can't be reached: {Innermost(cause).Message}", "see that the server runs, that storage.postgres names it, and that TLS and its certificate are as both sides want", exception);
            }
        }

        return null;
    }

    private static (string Message, string Hint) Words(PostgresException error, string place) => error.SqlState switch
    {
        "28P01" or "28000" => ($"{place} refused the user: {error.MessageText}", "see user, password and the server's pg_hba.conf"),
        "3D000" => ($"{place} is not there: {error.MessageText}", "make it: createdb"),
        "42501" => ($"{place} does not permit it: {error.MessageText}", "make the gateway's user owner of the database, or of a schema that its search path names"),
        "53100" => ($"{place} can't grow: {error.MessageText}", "make room on the server's disk; nothing was changed"),
        "53300" => ($"{place} has no connection to spare: {error.MessageText}", "raise the server's max_connections, or lower Maximum Pool Size in storage.postgres"),
        "55P03" or "57014" => ($"{place} is held by another node: {error.MessageText}", "wait for it to finish, or end it"),
        "25006" => ($"{place} can't be written: {error.MessageText}", "name the primary server, as with Target Session Attributes=primary"),
        "XX001" or "XX002" => ($"{place} is damaged: {error.MessageText}", "restore it from a backup; the gateway does not overwrite it"),
        _ => ($"{place} can't be used: {error.MessageText} ({error.SqlState})", "see the server's log"),
    };

    private static Exception Innermost(Exception exception)
    {
        while (exception.InnerException is { } inner) exception = inner;
        return exception;
    }
}
