using Portcullis.Control.Tests.Storage;

namespace Portcullis.Control.Tests.Identity.Sessions;

public sealed class PostgresSessionStoreTests() : SessionStoreTests(DatabaseKind.Postgres);
