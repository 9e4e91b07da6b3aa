using Microsoft.EntityFrameworkCore;

namespace Portcullis.Control.Storage.Sqlite;

/// <summary>The tables in SQLite.</summary>
internal sealed class SqliteStoreContext(DbContextOptions<SqliteStoreContext> options) : StoreContext(options);
