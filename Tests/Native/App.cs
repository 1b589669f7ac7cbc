using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace Tests.Native;

/// <summary>An application of one test, and short forms of what tests do with it.</summary>
internal sealed class App(DistributedApplication application) : IAsyncDisposable
{
    private readonly CancellationTokenSource _starting = new();
    private Task _start = Task.CompletedTask;

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

    /// <summary>Everything has been started, or has failed to.</summary>
    public static async Task<App> StartAsync(Action<IDistributedApplicationBuilder> configure, CancellationToken cancellationToken)
    {
        var app = await BeginAsync(configure, cancellationToken);
        try
        {
            await app._start.WaitAsync(cancellationToken);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return app;
    }

    /// <summary>Goes on while it starts: something waits for what the test does next.</summary>
    public static async Task<App> BeginAsync(Action<IDistributedApplicationBuilder> configure, CancellationToken cancellationToken)
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Fixtures_EmptyAppHost>(cancellationToken);
        configure(builder);
        var app = new App(await builder.BuildAsync(cancellationToken));
        app._start = app.Application.StartAsync(app._starting.Token);
        return app;
    }

    /// <summary>Ends when everything has been started, or has failed to.</summary>
    public Task StartedAsync(CancellationToken cancellationToken) => _start.WaitAsync(cancellationToken);

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

    public async ValueTask DisposeAsync()
    {
        await _starting.CancelAsync();
        await _start.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await application.DisposeAsync();
        _starting.Dispose();
    }
}
