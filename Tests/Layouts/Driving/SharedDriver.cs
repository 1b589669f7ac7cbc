using Tests.Infrastructure;

namespace Tests.Layouts.Driving;

/// <summary>One node with a driver, for all tests of a class that change nothing.</summary>
public sealed class SharedDriver(DataServers servers) : IAsyncLifetime
{
    internal DriverRig Rig { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Rig = await DriverRig.StartAsync(servers, nodes: 1);

    public ValueTask DisposeAsync() => Rig.DisposeAsync();
}
