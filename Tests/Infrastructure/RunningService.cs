using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ServiceDefaults.Identity;

namespace Tests.Infrastructure;

/// <summary>
/// One replica of a service, run in this process by its own Program, on Kestrel at a free port. <typeparamref name="TEntry"/> is any type of the
/// service's project. Disposing stops it like SIGTERM does.
/// </summary>
internal sealed class RunningService<TEntry> : WebApplicationFactory<TEntry>
    where TEntry : class
{
    private readonly Dictionary<string, string?> _settings;
    private readonly Action<IServiceCollection>? _services;

    private RunningService(Dictionary<string, string?> settings, Action<IServiceCollection>? services)
    {
        _settings = settings;
        _services = services;
        UseKestrel(port: 0);
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Warnings and errors that it logged.</summary>
    public RecordedLogs Logs { get; } = new();

    /// <summary>Starts a replica. Keys and values of <paramref name="settings"/> are configuration.</summary>
    public static RunningService<TEntry> Start(Dictionary<string, string?> settings, Action<IServiceCollection>? services = null)
    {
        var service = new RunningService<TEntry>(settings, services);
        service.StartServer();
        var addresses = service.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        service.Address = new Uri(addresses.Addresses.Single().Replace("localhost", "127.0.0.1", StringComparison.Ordinal));
        return service;
    }

    /// <summary>A client of its API; with a token it calls as that user.</summary>
    public HttpClient ClientOf(string? token = null)
    {
        var client = new HttpClient { BaseAddress = Address };
        if (token is not null)
        {
            client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        }

        return client;
    }

    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    /// <summary>The hosted service of that type.</summary>
    public T Hosted<T>()
        where T : IHostedService => Services.GetServices<IHostedService>().OfType<T>().Single();

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment(Environments.Production);
        builder.UseSetting("Drain:Delay", "0");

        // Rates for people are too low for tests; tests of rates set their own.
        foreach (var limit in (string[])["posts", "rooms", "uploads", "tenants"])
        {
            foreach (var party in (string[])["User", "Tenant", "Address"])
            {
                builder.UseSetting($"Rates:{limit}:{party}Burst", "1000000000");
            }
        }

        foreach (var (key, value) in TestKeys.SettingsOf(typeof(TEntry).Assembly.GetName().Name!.ToLowerInvariant()).Concat(_settings))
        {
            builder.UseSetting(key, value);
        }

        builder.ConfigureLogging(logging => logging.ClearProviders().AddProvider(Logs));
        builder.ConfigureTestServices(services =>
        {
            services.AddSingleton<IUserKeySource>(TestUsers.Keys);
            _services?.Invoke(services);
        });
    }
}
