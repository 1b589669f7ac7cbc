namespace Tests.EndToEnd;

/// <summary>The tests that break things share one running system and run one after the other.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SystemCollection : ICollectionFixture<RunningSystem>
{
    public const string Name = "system";
}
