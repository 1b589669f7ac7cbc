using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace Tests.Native;

/// <summary>An application of one test, and short forms of what tests do with it.</summary>
internal sealed class App(DistributedApplication application) : IAsyncDisposable
{
    /// <summary>The test's own token with a limit: what does not come within two minutes does not come.</summary>
    public static CancellationToken Token => CancellationTokenSource.CreateLinkedTokenSource(
        TestContext.Current.CancellationToken, new CancellationTokenSource(TimeSpan.FromMinutes(2), TimeProvider.System).Token).Token;

    public DistributedApplication Application => application;

    public ResourceNotificationService Notifications => application.ResourceNotifications;

    /// <summary>The project with the switches, relative to wherever the tests were built.</summary>
    public static string WebProject { get; } = Path.Combine(FolderOfTests(), "Fixtures", "Web", "Fixtures.Web.csproj");

    public static string FolderOfTests()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Tests.csproj")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests' own folder was not found.");
        }

        return folder.FullName;
    }

    public static async Task<App> StartAsync(Action<IDistributedApplicationBuilder> configure, CancellationToken cancellationToken)
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Fixtures_EmptyAppHost>(cancellationToken);
        configure(builder);
        var application = await builder.BuildAsync(cancellationToken);
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }

        return new App(application);
    }

    /// <summary>The latest of each instance of a resource, once there are so many of which something holds.</summary>
    public async Task<IReadOnlyList<ResourceEvent>> InstancesAsync(string name, int count, Func<ResourceEvent, bool> what, CancellationToken cancellationToken)
    {
        var latest = new Dictionary<string, ResourceEvent>(StringComparer.Ordinal);
        await Notifications.WaitForResourceAsync(
            name,
            e =>
            {
                latest[e.ResourceId] = e;
                return latest.Values.Count(what) >= count;
            },
            cancellationToken);
        return [.. latest.Values.Where(what)];
    }

    public static int PidOf(ResourceEvent instance) =>
        Convert.ToInt32(instance.Snapshot.Properties.Single(p => p.Name == "executable.pid").Value, System.Globalization.CultureInfo.InvariantCulture);

    public ValueTask DisposeAsync() => application.DisposeAsync();
}
