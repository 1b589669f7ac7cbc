using Xunit.Sdk;
using Xunit.v3;

[assembly: Parallelization(MaxThreads = Tests.EndToEnd.SystemFirst.AtOnce)]
[assembly: TestCollectionOrderer(typeof(Tests.EndToEnd.SystemFirst))]

namespace Tests.EndToEnd;

/// <summary>The tests that break things share one running system and run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class SystemCollection : ICollectionFixture<RunningSystem>
{
    public const string Name = "system";
}

/// <summary>
/// The running system's tests mostly wait, and are the longest chain: they begin at once, and everything else runs beside them. What they prove must
/// hold on a busy machine.
/// </summary>
public sealed class SystemFirst : ITestCollectionOrderer
{
    /// <summary>Tests at once. More than there are processors, as many tests wait for time to pass.</summary>
    public const int AtOnce = 3;

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderByDescending(static collection => collection.TestCollectionDisplayName == SystemCollection.Name)];
}
