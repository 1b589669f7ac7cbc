using AppHost.Stores;
using Tests.Infrastructure;

namespace Tests.Realtime.Node;

/// <summary>The same walk as on Redis, on the server that is used where redis-server is not installed.</summary>
public sealed class GarnetWalkTests
{
    [Fact]
    public async Task EverybodyGetsEverythingOnce_WhileLayoutsWalkThroughAllStages()
    {
        await using var garnet = await TestRedis.StartAsync(TestContext.Current.CancellationToken, RedisPrograms.Garnet);
        await using var walk = await LayoutWalk.StartAsync(garnet.ConnectionString);
        await walk.RunAsync();
    }
}
