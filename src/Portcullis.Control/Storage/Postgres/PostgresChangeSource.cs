using Npgsql;
using Portcullis.Control.Storage.Feed;

namespace Portcullis.Control.Storage.Postgres;

/// <summary>
/// Listens to the notifications that a trigger on the table of changes sends with each commit (LISTEN/NOTIFY), which come in the order of commits. After
/// each wait the server is asked something: a connection that is gone without a word shows by that.
/// </summary>
internal sealed class PostgresChangeSource(NpgsqlDataSource dataSource) : IChangeSource
{
    /// <summary>The name of the channel is in a migration: it never changes.</summary>
    private const string Channel = "portcullis_changes";

    /// <summary>Notices kept until they are read. What is beyond is taken as a change of everything.</summary>
    private const int MostNotices = 1000;

    /// <summary>Rows that stay in the table, where they serve nobody but who looks into a fault.</summary>
    private const int KeptRows = 10_000;

    private const int LooksBetweenTrims = 1000;
    private const int AnswerTimeoutSeconds = 5;

    private readonly List<ChangeNotice> pending = [];
    private NpgsqlConnection? connection;
    private bool isComplete = true;
    private int looks;

    public async ValueTask ConnectAsync(CancellationToken cancellationToken)
    {
        await DisposeAsync().ConfigureAwait(false);
        pending.Clear();
        isComplete = true;
        connection = await dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        connection.Notification += (_, notification) => Add(notification.Payload);
        await ExecuteAsync($"LISTEN {Channel}", cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<ChangeBatch> ReadAsync(TimeSpan patience, TimeProvider clock, CancellationToken cancellationToken)
    {
        await connection!.WaitAsync(patience, cancellationToken).ConfigureAwait(false);
        var started = clock.GetTimestamp();
        var trim = $"DELETE FROM changes WHERE id <= (SELECT max(id) FROM changes) - {KeptRows}";
        await ExecuteAsync(++looks % LooksBetweenTrims == 0 ? trim : "SELECT 1", cancellationToken).ConfigureAwait(false);
        var batch = new ChangeBatch(started, isComplete ? [.. pending] : null);
        pending.Clear();
        isComplete = true;
        return batch;
    }

    public async ValueTask DisposeAsync()
    {
        if (connection is { } held)
        {
            connection = null;
            await held.DisposeAsync().ConfigureAwait(false);
        }
    }

    // Topic, and behind a space the key. Whoever may connect may send anything here; at worst the database is read once more.
    private void Add(string payload)
    {
        if (pending.Count == MostNotices)
        {
            isComplete = false;
            return;
        }

        var space = payload.IndexOf(' ', StringComparison.Ordinal);
        pending.Add(space < 0 ? new ChangeNotice(payload, null) : new ChangeNotice(payload[..space], payload[(space + 1)..]));
    }

    private async ValueTask ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = AnswerTimeoutSeconds };
        await using var disposal = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
