using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Engine;

/// <summary>
/// Lets a test run an AppHost's own Main up to Build, change the builder, and take the application over. It flows with the thread that runs Main;
/// everywhere else there is none.
/// </summary>
internal abstract class EntryPointHook
{
    private static readonly AsyncLocal<EntryPointHook?> Flowing = new();

    public static EntryPointHook? Current
    {
        get => Flowing.Value;
        set => Flowing.Value = value;
    }

    public abstract void Creating(DistributedApplicationOptions options, HostApplicationBuilderSettings settings);

    public abstract void Created(DistributedApplicationBuilder builder);

    /// <summary>Returns when the test says that the builder is complete.</summary>
    public abstract void Building(DistributedApplicationBuilder builder);

    public abstract void Built(DistributedApplication application);
}
