namespace Portcullis.EndToEnd.Tests.Nodes;

/// <summary>The tests that share one gateway.</summary>
[CollectionDefinition(nameof(SharedNodeTests))]
public sealed class SharedNodeTests : ICollectionFixture<SharedNode>;
