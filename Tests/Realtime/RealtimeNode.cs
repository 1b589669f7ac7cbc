using System.Net.WebSockets;
using Contracts;
using Contracts.Messages;
using Contracts.Publish;
using Layouts;
using Layouts.Console;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Realtime;
using Realtime.Fanout;
using Realtime.Node;
using ServiceDefaults.Http;
using ServiceDefaults.Identity;
using Tests.Infrastructure;
using Tests.ServiceDefaults;

namespace Tests.Realtime;

/// <summary>One node on Kestrel and a real Redis, over rooms in memory.</summary>
internal sealed class RealtimeNode : IAsyncDisposable
{
    private readonly ServiceHost _host;
    private readonly TestIssuer _issuer;

    private RealtimeNode(ServiceHost host, TestIssuer issuer)
    {
        _host = host;
        _issuer = issuer;
        Http = new HttpClient(new RightfulCaller(host.Get<EndpointDataSource>(), ServiceNames.Realtime)) { BaseAddress = host.Address };
        Client = new RealtimeClient(Http);
    }

    /// <summary>Calls each route as a service that may call it.</summary>
    public HttpClient Http { get; }

    public RealtimeClient Client { get; }

    public Uri Address => _host.Address;

    /// <summary>What it logged as errors.</summary>
    public IReadOnlyCollection<string> Errors => _host.Logs.Errors;

    /// <summary>What it logged as warnings.</summary>
    public IReadOnlyCollection<string> Warnings => _host.Logs.Warnings;

    public T Get<T>()
        where T : notnull => _host.Get<T>();

    public static async Task<RealtimeNode> StartAsync(
        string redis,
        MemoryRooms rooms,
        TestIssuer issuer,
        Dictionary<string, string?>? settings = null,
        MemoryPlane? plane = null,
        Action<IServiceCollection>? services = null)
    {
        var all = new Dictionary<string, string?>(settings ?? [], StringComparer.Ordinal) { ["ConnectionStrings:redis"] = redis, ["ServiceKeys:Name"] = ServiceNames.Realtime };
        var host = await ServiceHost.StartAsync(
            builder =>
            {
                builder.Services.AddSingleton<IUserKeySource>(issuer);
                builder.Services.AddSingleton<IRoomStore>(rooms);
                builder.Services.AddSingleton<ILayoutPlane>(plane ?? new MemoryPlane());
                builder.AddUserAuthentication();
                builder.AddServiceAuthentication();
                builder.AddRealtime();
                services?.Invoke(builder.Services);
            },
            static app => app.MapRealtime(),
            settings: all);
        return new RealtimeNode(host, issuer);
    }

    /// <summary>A node whose layouts are a real dbman's, with driver and admin API as in production.</summary>
    /// <param name="redis">Connection string.</param>
    /// <param name="rooms">Rooms in memory; null: dbman's.</param>
    /// <param name="issuer">Of user tokens.</param>
    /// <param name="dbman">Address of dbman.</param>
    /// <param name="wire">Sits between node and dbman.</param>
    /// <param name="settings">Configuration.</param>
    public static async Task<RealtimeNode> StartAsync(
        string redis, MemoryRooms? rooms, TestIssuer issuer, Uri dbman, PlaneWire wire, Dictionary<string, string?> settings)
    {
        var all = new Dictionary<string, string?>(settings, StringComparer.Ordinal)
        {
            ["ConnectionStrings:redis"] = redis,
            ["ServiceKeys:Name"] = ServiceNames.Realtime,
            ["services:dbman:http:0"] = dbman.ToString(),
        };
        var host = await ServiceHost.StartAsync(
            builder =>
            {
                // The framework finds the scripts of pages by it.
                builder.Environment.ApplicationName = "Realtime";
                if (!settings.ContainsKey("services:session:http:0"))
                {
                    builder.Services.AddSingleton<IUserKeySource>(issuer);
                }

                if (rooms is not null)
                {
                    builder.Services.AddSingleton<IRoomStore>(rooms);
                }

                builder.AddUserAuthentication();
                builder.AddServiceAuthentication();
                builder.AddDbmanClient().AddHttpMessageHandler(() => new PlaneWire.Handler(wire));
                builder.AddRealtime();
                builder.AddLayoutDriver();
                builder.AddConsole();
            },
            static app =>
            {
                app.MapRealtime();
                app.MapLayoutAdmin();
                app.MapConsole();
            },
            settings: all);
        return new RealtimeNode(host, issuer);
    }

    public string Token(string tenant, string user, string session = "s1", TimeSpan? lifetime = null, string role = "member") =>
        _issuer.Token(
            new Dictionary<string, object>(StringComparer.Ordinal) { ["sub"] = user, ["tid"] = tenant, ["sid"] = session, ["name"] = user, ["role"] = role },
            lifetime: lifetime);

    /// <summary>A socket of a user, after its welcome.</summary>
    public async Task<TestSocket> ConnectAsync(string tenant, string user, string session = "s1", TimeSpan? lifetime = null, Action<ClientWebSocketOptions>? options = null)
    {
        var socket = await TestSocket.ConnectAsync(Address, Token(tenant, user, session, lifetime), options);
        await socket.ExpectAsync("welcome");
        return socket;
    }

    /// <summary>Stores nothing: hands messages to the broker, as Chat does after it has stored them.</summary>
    public async Task PublishAsync(params MessageRecord[] messages)
    {
        var result = await Client.PublishAsync(new PublishRequest(messages, []), TestContext.Current.CancellationToken);
        Assert.True(result.IsSuccess, result.Problem?.ToString());
    }

    public async Task PublishAsync(params SystemEventRecord[] events)
    {
        var result = await Client.PublishAsync(new PublishRequest([], events), TestContext.Current.CancellationToken);
        Assert.True(result.IsSuccess, result.Problem?.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _host.DisposeAsync();
    }
}
