using Chat.Rooms;
using Contracts;
using Fileman;
using Layouts.Driving;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;
using ServiceDefaults.Identity;
using Session;
using Session.Keys;
using Tests.Dbman;
using Tests.Infrastructure;

namespace Tests.Client.JavaScript;

/// <summary>All services in this process, on ports of their own, over real PostgreSQL and Redis.</summary>
public sealed class RunningServices(DataServers servers) : IAsyncLifetime
{
    private readonly DirectoryInfo _blobs = Directory.CreateTempSubdirectory("js-blobs-");
    private readonly Stack<IAsyncDisposable> _started = new();
    private readonly LateKeys _keys = new();
    private Dictionary<string, string?> _realtimeSettings = [];
    private RunningService<SessionTelemetry> _session = null!;
    private RunningService<LayoutDriver> _realtime = null!;

    public Uri Session => _session.Address;

    public Uri Chat { get; private set; } = null!;

    public Uri Fileman { get; private set; } = null!;

    public Uri Realtime => _realtime.Address;

    internal DbmanApp Dbman { get; private set; } = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var database = Started(await servers.CreateDatabaseAsync(Token));
        Dbman = Started(await DbmanApp.StartAsync(database, Token));
        var address = Dbman.Address.ToString();

        // The program that is realtime is the project Layouts.
        _realtimeSettings = new Dictionary<string, string?>(TestKeys.SettingsOf(ServiceNames.Realtime), StringComparer.OrdinalIgnoreCase)
        {
            ["services:dbman:http:0"] = address,
            ["ConnectionStrings:redis"] = await servers.GetRedisConnectionStringAsync(Token),
        };

        _realtime = Started(StartRealtime());
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["services:dbman:http:0"] = address,
            ["services:realtime:http:0"] = Realtime.ToString(),

            // The minimum: tests should not spend their time on hashing passwords.
            ["Passwords:Iterations"] = "100000",
            ["AddressLimit:Burst"] = "100000",
            ["Blobs:Folder"] = _blobs.FullName,
        };
        _session = Started(RunningService<SessionTelemetry>.Start(
            settings, static services => services.AddSingleton<IUserKeySource>(static provider => provider.GetRequiredService<KeyRing>())));
        _keys.Source = _session.Get<KeyRing>();
        Chat = Started(RunningService<RoomEvents>.Start(settings, services => services.AddSingleton<IUserKeySource>(_keys))).Address;
        Fileman = Started(RunningService<FilemanTelemetry>.Start(settings, services => services.AddSingleton<IUserKeySource>(_keys))).Address;
    }

    /// <summary>One more realtime node.</summary>
    internal RunningService<LayoutDriver> StartRealtime() =>
        RunningService<LayoutDriver>.Start(_realtimeSettings, services => services.AddSingleton<IUserKeySource>(_keys));

    public async ValueTask DisposeAsync()
    {
        while (_started.TryPop(out var last))
        {
            await last.DisposeAsync();
        }

        _blobs.Delete(recursive: true);
    }

    private T Started<T>(T service)
        where T : IAsyncDisposable
    {
        _started.Push(service);
        return service;
    }

    /// <summary>Session's keys for services that validate tokens; realtime starts first, because session notifies it of ended sessions.</summary>
    private sealed class LateKeys : IUserKeySource
    {
        public IUserKeySource? Source { get; set; }

        public Task<IReadOnlyCollection<JsonWebKey>> ReadAsync(CancellationToken cancellationToken) =>
            Source?.ReadAsync(cancellationToken) ?? Task.FromResult<IReadOnlyCollection<JsonWebKey>>([]);
    }
}
