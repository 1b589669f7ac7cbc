using Contracts;
using Contracts.Dbman;
using Dbman.Messages.Commit;
using Microsoft.AspNetCore.Routing;
using Tests.Infrastructure;

namespace Tests.Dbman;

/// <summary>
/// One replica: the real service on Kestrel at a port of its own, called with real tokens, each route by a service that may call it.
/// </summary>
internal sealed class DbmanApp : IAsyncDisposable
{
    /// <summary>The first start of a run also starts PostgreSQL and creates the schema, on a machine that does other things meanwhile.</summary>
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(60);

    /// <summary>A busy machine reaches the bounds of production: tests of these bounds set their own.</summary>
    private static readonly (string Name, string Value)[] WideBounds =
    [
        ("Dbman:Database:ConnectTimeout", "00:00:30"),
        ("Dbman:Database:StatementTimeout", "00:01:00"),
        ("Dbman:Database:LockTimeout", "00:00:30"),
        ("Dbman:Commit:MaxWait", "00:01:00"),
    ];

    private readonly RunningService<GroupCommit> _service;

    private DbmanApp(Dictionary<string, string?> settings)
    {
        _service = RunningService<GroupCommit>.Start(settings);
        Anonymous = _service.ClientOf();
        Http = new HttpClient(new RightfulCaller(Get<EndpointDataSource>(), ServiceNames.Dbman)) { BaseAddress = Address };
        Client = new DbmanClient(Http);
    }

    public Uri Address => _service.Address;

    public DbmanClient Client { get; }

    /// <summary>Calls each route as a service that may call it.</summary>
    public HttpClient Http { get; }

    /// <summary>Without any.</summary>
    public HttpClient Anonymous { get; }

    public T Get<T>()
        where T : notnull => _service.Get<T>();

    /// <summary>Starts a replica and waits until it is ready.</summary>
    public static async Task<DbmanApp> StartAsync(
        TestDatabase database, CancellationToken cancellationToken, params IEnumerable<(string Name, string Value)> settings)
    {
        var app = StartUnready(database.ConnectionString, settings);
        await app.WaitForReadyAsync(cancellationToken);
        return app;
    }

    /// <summary>Starts a replica on a database that may not be there.</summary>
    public static DbmanApp StartUnready(string connectionString, params IEnumerable<(string Name, string Value)> settings)
    {
        var all = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { ["ConnectionStrings:dbman-db"] = connectionString };
        foreach (var (name, value) in WideBounds.Concat(settings))
        {
            all[name] = value;
        }

        return new DbmanApp(all);
    }

    /// <summary>Waits until the probe says so.</summary>
    public Task WaitForReadyAsync(CancellationToken cancellationToken) => WaitForAsync("/health/ready", ready: true, cancellationToken);

    /// <summary>Waits until the probe says that it is not.</summary>
    public Task WaitForUnreadyAsync(CancellationToken cancellationToken) => WaitForAsync("/health/ready", ready: false, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        Anonymous.Dispose();
        await _service.DisposeAsync();
    }

    private async Task WaitForAsync(string probe, bool ready, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(ReadyLimit, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(25), TimeProvider.System);
        var last = "nothing";
        try
        {
            do
            {
                using var response = await Anonymous.GetAsync(new Uri(probe, UriKind.Relative), either.Token);
                last = await response.Content.ReadAsStringAsync(either.Token);
                if (response.IsSuccessStatusCode == ready)
                {
                    return;
                }
            }
            while (await tick.WaitForNextTickAsync(either.Token));
        }
        catch (OperationCanceledException exception) when (limit.IsCancellationRequested)
        {
            throw new TimeoutException($"{probe} did not become {(ready ? "healthy" : "unhealthy")}; it says {last}", exception);
        }
    }
}
