using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Client;
using Client.Realtime;
using Contracts;
using Contracts.Public;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServiceDefaults.Identity;

namespace Tests.EndToEnd;

/// <summary>The whole system as the AppHost describes it, started once for the collection, with data that goes with it.</summary>
public sealed class RunningSystem : IAsyncLifetime
{
    /// <summary>Leases as short as a slow machine allows, and an overlap so short that channels are left while tests still look.</summary>
    private static readonly (string Name, string Value)[] ShortWaits =
    [
        ("ControlPlane__Heartbeat", "00:00:00.500"),
        ("ControlPlane__Lease", "00:00:04"),
        ("ControlPlane__ApplyPatience", "00:00:04"),
        ("Driver__Interval", "00:00:00.500"),
        ("Driver__Lease", "00:00:03"),
        ("Channels__Overlap", "00:00:02"),
    ];

    private static readonly (string Service, string Name, string Value)[] HighQuotas =
    [
        (ServiceNames.Chat, "Rates__posts__UserBurst", "1000000000"),
        (ServiceNames.Chat, "Rates__posts__TenantBurst", "1000000000"),
        (ServiceNames.Chat, "Rates__rooms__UserBurst", "1000000000"),
        (ServiceNames.Chat, "Rates__rooms__TenantBurst", "1000000000"),
        (ServiceNames.Session, "Rates__tenants__AddressBurst", "1000000000"),

        // The minimum: tests should not spend their time on hashing passwords.
        (ServiceNames.Session, "Passwords__Iterations", "100000"),
        (ServiceNames.Realtime, "Sockets__MaxPerUser", "100000"),
        (ServiceNames.Realtime, "Signals__UserBurst", "1000000"),
    ];

    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    /// <summary>How much of a resource's log a failed start shows.</summary>
    private const int DescribedLines = 15;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("system-");
    private DistributedApplication? _app;
    private TelemetryCollector? _telemetry;
    private Replicas? _replicas;

    public DistributedApplication App => _app ?? throw new InvalidOperationException("The system is not started.");

    private Replicas Replicas => _replicas ?? throw new InvalidOperationException("The system is not started.");

    internal TelemetryCollector Telemetry => _telemetry ?? throw new InvalidOperationException("The system is not started.");

    public async ValueTask InitializeAsync()
    {
        using var timeout = new CancellationTokenSource(Deadline.Limit, TimeProvider.System);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(Replicas.ArgumentsIn(_folder, "tests"), timeout.Token);
        var realtime = builder.CreateResourceBuilder<ProjectResource>(ServiceNames.Realtime);
        foreach (var (name, value) in ShortWaits)
        {
            realtime.WithEnvironment(name, value);
        }

        // Instead of the dashboard. Without a collector, a service that stops would retry its export until the timeout.
        _telemetry = await TelemetryCollector.StartAsync(timeout.Token);
        foreach (var service in builder.Resources.OfType<ProjectResource>())
        {
            builder.CreateResourceBuilder(service).WithEnvironment("OTEL_EXPORTER_OTLP_ENDPOINT", _telemetry.Address).WithEnvironment("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
        }

        // A resource that is not there yet, or was stopped, is no error.
        builder.Services.AddLogging(static logging => logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None));

        // A few users do here what a whole company would, from one address.
        foreach (var (service, name, value) in HighQuotas)
        {
            builder.CreateResourceBuilder<ProjectResource>(service).WithEnvironment(name, value);
        }

        _app = await builder.BuildAsync(timeout.Token);
        _replicas = new Replicas(_app);
        try
        {
            await _app.StartAsync(timeout.Token);
            await HealthyAsync(timeout.Token);
        }
        catch (OperationCanceledException exception) when (timeout.IsCancellationRequested)
        {
            throw new TimeoutException($"The system was not healthy within {Deadline.Limit}.\n{await DescribeAsync()}", exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_replicas is not null)
        {
            await _replicas.DisposeAsync();
        }

        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        if (_telemetry is not null)
        {
            await _telemetry.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    /// <summary>Waits until every service is healthy.</summary>
    public Task HealthyAsync(CancellationToken cancellationToken) => Replicas.HealthyAsync(cancellationToken);

    /// <summary>Address of a service's balanced endpoint.</summary>
    public Uri Address(string service) => App.GetEndpoint(service, "http");

    /// <summary>Where each running process of a service listens itself.</summary>
    public IReadOnlyList<Uri> Addresses(string service) =>
    [
        .. Replicas.Running(service)
            .Select(static replica => replica.Value.Snapshot.EnvironmentVariables.Single(static variable => variable.Name == "ASPNETCORE_URLS").Value!)
            .Select(static urls => new Uri(urls.Split(';').Single(static url => url.StartsWith("http:", StringComparison.Ordinal)))),
    ];

    /// <summary>The private key of a service, or the operator's.</summary>
    public async Task<string> KeyAsync(string name, CancellationToken cancellationToken)
    {
        var parameter = App.Services.GetRequiredService<DistributedApplicationModel>().Resources.OfType<ParameterResource>().Single(resource => resource.Name == $"{name}-key");
        return await parameter.GetValueAsync(cancellationToken) ?? throw new InvalidOperationException($"'{name}' has no key.");
    }

    /// <summary>A client of the SDK on which nobody is signed in.</summary>
    /// <param name="handler">Sends its requests and opens its sockets; null: a handler of its own.</param>
    public ChatClient NewClient(HttpMessageHandler? handler = null) => new(new ChatClientOptions
    {
        Session = Address(ServiceNames.Session),
        Chat = Address(ServiceNames.Chat),
        Fileman = Address(ServiceNames.Fileman),
        Realtime = Address(ServiceNames.Realtime),
        Handler = handler,

        // A busy machine reads a burst late: what the SDK drops then is no loss of the system's.
        Live = new RealtimeOptions { EventBuffer = 65_536 },
    });

    /// <summary>Calls a service as another one does.</summary>
    public async Task<HttpClient> ServiceAsync(string caller, string service, CancellationToken cancellationToken)
    {
        var tokens = ServiceTokenSource.TryCreate(await KeyAsync(caller, cancellationToken), caller, service, TimeProvider.System)!;
        return new HttpClient(new Signing(tokens)) { BaseAddress = Address(service), Timeout = CallTimeout };
    }

    /// <summary>A new tenant with its admin signed in.</summary>
    public async Task<ChatClient> NewTenantAsync(string prefix, CancellationToken cancellationToken)
    {
        var tenant = string.Create(CultureInfo.InvariantCulture, $"{prefix}-{Ids.New(TimeProvider.System)}");
        var client = NewClient();
        var result = await client.SignUpAsync(
            new SignUpRequest(tenant, prefix, new RegisterRequest("admin", Password, "Admin"), OpenRegistration: true),
            cancellationToken);
        Assert.True(result.IsSuccess, result.Problem?.ToString());
        return client;
    }

    /// <summary>Password of every user that the tests create.</summary>
    public const string Password = "correct horse battery staple";

    /// <summary>A new user of a tenant, signed in.</summary>
    public async Task<ChatClient> NewUserAsync(string tenant, string username, CancellationToken cancellationToken, HttpMessageHandler? handler = null)
    {
        var client = NewClient(handler);
        var result = await client.RegisterAsync(tenant, new RegisterRequest(username, Password), cancellationToken);
        Assert.True(result.IsSuccess, result.Problem?.ToString());
        return client;
    }

    /// <summary>Process ids of a service's running replicas by resource id.</summary>
    public IReadOnlyDictionary<string, int> Processes(string service) => Replicas.Processes(service);

    /// <summary>Kills one process of a service as the kernel would, and waits until the system has noticed.</summary>
    public Task KillAsync(string service, int pid, CancellationToken cancellationToken) => Replicas.KillAsync(service, pid, cancellationToken);

    /// <summary>Runs one of <see cref="KnownResourceCommands"/> on every replica of a resource; completes when those that stop have stopped.</summary>
    public async Task CommandAsync(string resource, string command, CancellationToken cancellationToken)
    {
        foreach (var (id, _) in Replicas.Of(resource))
        {
            await Replicas.CommandAsync(id, command, cancellationToken);
            if (command == KnownResourceCommands.StopCommand)
            {
                await App.ResourceNotifications.WaitForResourceAsync(
                    resource, resourceEvent => resourceEvent.ResourceId == id && Replicas.HasEnded(resourceEvent.Snapshot), cancellationToken);
            }
        }
    }

    /// <summary>Starts whatever is not running, and waits until all is healthy.</summary>
    public async Task ReviveAllAsync(CancellationToken cancellationToken)
    {
        foreach (var resource in (string[])["postgres", ServiceNames.Redis, .. Replicas.Services])
        {
            await Replicas.ReviveAsync(resource, cancellationToken);
        }
    }

    /// <summary>Starts every replica of a service that is not running, and waits until all of them are healthy.</summary>
    public Task ReviveAsync(string service, CancellationToken cancellationToken) => Replicas.ReviveAsync(service, cancellationToken);

    /// <summary>Each resource's state, and the last lines of those that do not run or are not healthy.</summary>
    private async Task<string> DescribeAsync()
    {
        var logs = App.Services.GetRequiredService<ResourceLoggerService>();
        var text = new StringBuilder();
        foreach (var (id, replica) in Replicas.All)
        {
            var snapshot = replica.Snapshot;
            text.AppendLine(CultureInfo.InvariantCulture, $"{id}: {snapshot.State?.Text}, {snapshot.HealthStatus}, exit code {snapshot.ExitCode}");
            if (Replicas.IsHealthy(snapshot))
            {
                continue;
            }

            foreach (var report in snapshot.HealthReports)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"  {report.Name}: {report.Status} {report.Description} {report.ExceptionText}");
            }

            using var limit = new CancellationTokenSource(CallTimeout, TimeProvider.System);
            var lines = new List<string>();
            await foreach (var batch in logs.GetAllAsync(id).WithCancellation(limit.Token))
            {
                lines.AddRange(batch.Select(static line => line.Content));
            }

            text.AppendJoin('\n', lines.TakeLast(DescribedLines).Select(static line => $"  {line}")).AppendLine();
        }

        return text.ToString();
    }

    private sealed class Signing(ServiceTokenSource tokens) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.Issue());
            return base.SendAsync(request, cancellationToken);
        }
    }
}
