using Portcullis.Control.Tests.Storage;

namespace Portcullis.Control.Tests.Identity.Grants;

public sealed class SqliteGrantStoreTests() : StoredGrantsContract(DatabaseKind.Sqlite);
