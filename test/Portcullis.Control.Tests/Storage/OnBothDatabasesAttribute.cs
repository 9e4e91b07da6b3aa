using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Portcullis.Control.Tests.Storage;

/// <summary>Runs a test on SQLite and on PostgreSQL.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OnBothDatabasesAttribute : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker)
        => new([new TheoryDataRow(DatabaseKind.Sqlite), new TheoryDataRow(DatabaseKind.Postgres)]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
