using Microsoft.Data.Sqlite;
using Portcullis.Control.Storage.Feed;

namespace Portcullis.Control.Storage.Sqlite;

/// <summary>
/// Reads new rows of the table of changes when <c>PRAGMA data_version</c> says that another connection committed, which costs a few microseconds.
/// </summary>
internal sealed class SqliteChangeSource(string connectionString) : IChangeSource
{
    /// <summary>Rows read at a look. What is beyond is taken as a change of everything.</summary>
    private const int MostRows = 1000;

    /// <summary>Rows that stay in the table.</summary>
    private const int KeptRows = 10_000;

    private const int LooksBetweenTrims = 1000;

    private SqliteConnection? connection;
    private SqliteCommand? version;
    private long seenVersion;
    private long seenId;
    private int looks;

    public ValueTask ConnectAsync(CancellationToken cancellationToken)
    {
        Close();
        connection = new SqliteConnection(connectionString);
        connection.Open();
        SqliteSettings.Apply(connection);
        version = connection.CreateCommand();
        version.CommandText = "PRAGMA data_version";
        seenVersion = (long)version.ExecuteScalar()!;
        seenId = LastId();
        return default;
    }

    public async ValueTask<ChangeBatch> ReadAsync(TimeSpan patience, TimeProvider clock, CancellationToken cancellationToken)
    {
        await Task.Delay(patience, clock, cancellationToken).ConfigureAwait(false);
        var started = clock.GetTimestamp();
        if (++looks % LooksBetweenTrims == 0) Trim();
        var now = (long)version!.ExecuteScalar()!;
        if (now == seenVersion) return new ChangeBatch(started, []);

        var batch = Read(started);
        seenVersion = now;
        return batch;
    }

    public ValueTask DisposeAsync()
    {
        Close();
        return default;
    }

    // One write is at a time, so ids are in the order of commits: what is behind the last one seen is all that is new.
    private ChangeBatch Read(long started)
    {
        using var command = connection!.CreateCommand();
        command.CommandText = $"SELECT id, topic, \"key\" FROM changes WHERE id > $seen ORDER BY id LIMIT {MostRows + 1}";
        command.Parameters.AddWithValue("$seen", seenId);
        using var reader = command.ExecuteReader();
        var notices = new List<ChangeNotice>();
        var next = seenId + 1;
        while (reader.Read())
        {
            // A gap: rows were trimmed before they were read, or came too many.
            var id = reader.GetInt64(0);
            if (id != next || notices.Count == MostRows)
            {
                reader.Close();
                seenId = LastId();
                return new ChangeBatch(started, null);
            }

            seenId = id;
            next = id + 1;
            notices.Add(new ChangeNotice(reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2)));
        }

        return new ChangeBatch(started, notices);
    }

    private long LastId()
    {
        using var command = connection!.CreateCommand();
        command.CommandText = "SELECT coalesce(max(id), 0) FROM changes";
        return (long)command.ExecuteScalar()!;
    }

    private void Trim()
    {
        using var command = connection!.CreateCommand();
        command.CommandText = $"DELETE FROM changes WHERE id <= (SELECT max(id) FROM changes) - {KeptRows}";
        command.ExecuteNonQuery();
    }

    private void Close()
    {
        version?.Dispose();
        connection?.Dispose();
        version = null;
        connection = null;
    }
}
