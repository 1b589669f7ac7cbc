using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Engine.Dashboards;

/// <summary>
/// Runs the dashboard beside the resources: a process of its own, because a page that is busy with ten thousand lines a second, or breaks, must not
/// hurt what starts and stops things. It is there before the resources and stays until they are gone. When it ends by itself it is said, with its
/// last words, and it is started again; not for ever, as what fails at its start fails again.
/// </summary>
internal sealed class DashboardHost(EngineContext engine, DashboardPlan plan, EngineServer server, UsageSampler usage) : IHostedService, IAsyncDisposable
{
    private const string OutputKey = "nativedashboard";
    private const int MostRestarts = 3;
    private const int LastWords = 15;

    /// <summary>What the dashboard's managed heap may take: beyond it the dashboard ends, and not the machine's other work.</summary>
    private const long MostHeapBytes = 384L << 20;
    private static readonly TimeSpan BetweenRestarts = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly LineBuffer _output = new();
    private LocalProcess? _process;
    private Task _watch = Task.CompletedTask;
    private Task _sampling = Task.CompletedTask;
    private int _isStopped;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (plan.Frontend is not { } frontend)
        {
            return;
        }

        var program = ProgramOf() ?? throw new DistributedApplicationException(
            "The dashboard's program was not found. Build it (it is built with Native/Hosting), or set DistributedApplicationOptions.DisableDashboard.");
        foreach (var (address, what) in ((Uri, string)[])[(frontend, "the dashboard"), (plan.OtlpGrpc, "its telemetry"), (plan.OtlpHttp, "its telemetry"), (plan.EngineService, "its service")])
        {
            if (!Ports.IsFree(address.Port))
            {
                throw new DistributedApplicationException(
                    $"Port {address.Port}, where {what} is to be, is in use. Stop what listens there (to see it: ss -ltnp 'sport = :{address.Port}'), "
                    + "or change the port in the AppHost's launchSettings.json.");
            }
        }

        await server.StartAsync(cancellationToken);
        _process = Launch(program, frontend);
        _watch = WatchAsync(program, frontend);
        _sampling = usage.RunAsync(_stopping.Token);
    }

    /// <summary>An application may be disposed of without having been stopped; its processes end all the same.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None);

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isStopped, 1) != 0)
        {
            return;
        }

        await _stopping.CancelAsync();

        // First the one that answers: a dashboard that follows streams waits for their end.
        await server.StopAsync();
        if (_process is { } process)
        {
            await process.StopAsync(engine.Time);
        }

        await _watch;
        await _sampling;
        _stopping.Dispose();
    }

    private static string? ProgramOf() => typeof(DashboardHost).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(a => a.Key == OutputKey)?.Value is { } path && File.Exists(path) ? path : null;

    private LocalProcess Launch(string program, Uri frontend)
    {
        var spec = new ProcessSpec(DotNet.Command, ["exec", program], Path.GetDirectoryName(program)!)
        {
            StopGroup = false,
            StopTimeout = TimeSpan.FromSeconds(5),
            Environment = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["ASPNETCORE_URLS"] = Authority(frontend),
                ["ASPNETCORE_ENVIRONMENT"] = Environments.Production,
                ["DOTNET_ENVIRONMENT"] = Environments.Production,
                ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = Authority(plan.OtlpGrpc),
                ["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"] = Authority(plan.OtlpHttp),
                ["Dashboard__OtlpKey"] = plan.OtlpKey,
                ["Dashboard__EngineAddress"] = Authority(plan.EngineService),
                ["Dashboard__EngineKey"] = plan.EngineKey,
                ["Dashboard__StateFolder"] = StateFolder(),
                ["DOTNET_GCHeapHardLimit"] = MostHeapBytes.ToString("x", CultureInfo.InvariantCulture),
            },
        };
        return LocalProcess.Start(spec, engine.Folder.Watchdog, _output.Add);
    }

    /// <summary>Nobody else's to look into: the keys of sessions are there.</summary>
    private string StateFolder()
    {
        var folder = engine.Folder.For("dashboard");
        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return folder;
    }

    private async Task WatchAsync(string program, Uri frontend)
    {
        for (var restarts = 0; ; restarts++)
        {
            var code = await _process!.Exited;
            _process.Dispose();
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            EngineLog.DashboardEnded(engine.Logger, code);
            await Console.Error.WriteLineAsync($"The dashboard ended with exit code {code}{(restarts < MostRestarts ? " and is started again" : string.Empty)}. It said last:");
            foreach (var line in _output.Last(LastWords))
            {
                await Console.Error.WriteLineAsync($"    {line.Content}");
            }

            if (restarts >= MostRestarts)
            {
                return;
            }

            try
            {
                await Task.Delay(BetweenRestarts, engine.Time, _stopping.Token);
                _process = Launch(program, frontend);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static string Authority(Uri address) => address.GetLeftPart(UriPartial.Authority);
}
