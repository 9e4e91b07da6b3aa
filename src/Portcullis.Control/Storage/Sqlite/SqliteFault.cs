using Microsoft.Data.Sqlite;
using Portcullis.Trust.Keys;

namespace Portcullis.Control.Storage.Sqlite;

/// <summary>What SQLite's result codes (sqlite.org/rescode.html) mean to an operator.</summary>
internal static class SqliteFault
{
    private const string Restore = "restore it from a backup; the gateway does not overwrite it";
    private const string Rights = "check the rights and the space of the data directory";

    /// <summary>The same in words with a hint; null for what is no failure of the database or its file.</summary>
    public static StoreException? Explain(Exception exception, string path)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case SqliteException sqlite:
                    var (message, hint) = Words(sqlite.SqliteErrorCode, path, sqlite.Message);
                    return new StoreException(message, hint, exception);
                case KeyRingException rights:
                    return new StoreException(rights.Message, rights.Hint, exception);
                case IOException or UnauthorizedAccessException:
                    return new StoreException($"{path} can't be used: {cause.Message}", Rights, exception);
            }
        }

        return null;
    }

    private static (string Message, string Hint) Words(int code, string path, string message) => code switch
    {
        5 or 6 => ($"{path} is held by another process", "wait for it to finish, or end it"),
        8 => ($"{path} can't be written", Rights),
        10 => ($"{path} can't be read or written: the disk fails or is full", Rights),
        11 => ($"{path} is damaged", Restore),
        13 => ($"{path} can't grow: the disk is full", "make room on the disk; nothing was changed"),
        14 => ($"{path} can't be opened", Rights),
        26 => ($"{path} is no SQLite database, or is damaged", Restore),
        _ => ($"{path} can't be used: {message}", Rights),
    };
}
