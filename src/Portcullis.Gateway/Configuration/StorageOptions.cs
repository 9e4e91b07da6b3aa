using System.ComponentModel;
using Portcullis.Trust.Keys;

namespace Portcullis.Gateway.Configuration;

/// <summary>Where clients, people, sessions and grants are kept.</summary>
public sealed record StorageOptions
{
    [Description("Connection string of a PostgreSQL database, which several gateways may share; may hold a secret. Default: SQLite in the data directory")]
    public Secret? Postgres { get; init; }
}
