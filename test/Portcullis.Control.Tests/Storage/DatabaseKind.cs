namespace Portcullis.Control.Tests.Storage;

public enum DatabaseKind
{
    Sqlite,
    Postgres,
}
