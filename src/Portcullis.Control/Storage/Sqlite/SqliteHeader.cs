using System.Buffers.Binary;

namespace Portcullis.Control.Storage.Sqlite;

/// <summary>
/// The first 100 octets of a database (sqlite.org/fileformat2.html §1.3), read before SQLite sees the file: it would roll back the journal of
/// whatever is there, and a file that is not ours must stay as it is.
/// </summary>
internal static class SqliteHeader
{
    /// <summary>The application id of our files: <c>PRTC</c>. Never changes.</summary>
    public const int ApplicationId = 0x50525443;

    private const int Length = 100;
    private const int ApplicationIdOffset = 68;

    private static ReadOnlySpan<byte> Magic => "SQLite format 3\0"u8;

    /// <summary>Why the file is none of ours; null where it looks like one.</summary>
    public static StoreException? Refusal(string path)
    {
        Span<byte> header = stackalloc byte[Length];
        int read;
        using (var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0))
            read = stream.ReadAtLeast(header, Length, throwOnEndOfStream: false);

        if (read == 0) return new StoreException($"{path} is empty", "restore it from a backup; only where nothing is lost by it, delete the file: a new database is made then");
        if (read < Length || !header.StartsWith(Magic)) return new StoreException($"{path} is no SQLite database, or is damaged", "restore it from a backup; the gateway does not overwrite it");
        return BinaryPrimitives.ReadInt32BigEndian(header[ApplicationIdOffset..]) == ApplicationId ? null : Schema.Refusal(SchemaState.Foreign, path);
    }
}
