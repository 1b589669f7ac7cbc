using Tests.Native;

namespace Tests.Realtime.Migration;

/// <summary>The same walk as on Redis, where the engine runs Garnet because no redis-server is installed.</summary>
[Collection(AppHostProcess.Collection)]
public sealed class GarnetWalkTests
{
    [Fact]
    public async Task EverybodyGetsEverythingOnce_WhileLayoutsWalkThroughAllStages()
    {
        await using var garnet = await GarnetRun.StartAsync(TestContext.Current.CancellationToken);
        await using var walk = await LayoutWalk.StartAsync(garnet.ConnectionString);
        await walk.RunAsync();
    }
}
