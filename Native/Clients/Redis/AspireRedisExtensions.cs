using Aspire;
using Aspire.StackExchange.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers Redis connections with health check, tracing and metrics.</summary>
public static class AspireRedisExtensions
{
    private const string Section = "Aspire:StackExchange:Redis";

    /// <summary>Registers the <see cref="IConnectionMultiplexer"/> of the connection string <c>ConnectionStrings:<paramref name="connectionName"/></c>.</summary>
    /// <param name="builder">Where to register, and whose configuration to read.</param>
    /// <param name="connectionName">Name of the connection string.</param>
    /// <param name="configureSettings">Has the last word over configuration.</param>
    /// <param name="configureOptions">Shapes the connection; runs after <c>ConfigurationOptions</c> of the section.</param>
    public static void AddRedisClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null) =>
        Add(builder, connectionName, serviceKey: null, configureSettings, configureOptions);

    /// <inheritdoc cref="AddRedisClient"/>
    public static AspireRedisClientBuilder AddRedisClientBuilder(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null) =>
        Add(builder, connectionName, serviceKey: null, configureSettings, configureOptions);

    /// <summary>The same under the service key <paramref name="name"/>, for services with several Redis servers.</summary>
    /// <param name="builder">Where to register, and whose configuration to read.</param>
    /// <param name="name">Service key, and name of the connection string.</param>
    /// <param name="configureSettings">Has the last word over configuration.</param>
    /// <param name="configureOptions">Shapes the connection; runs after <c>ConfigurationOptions</c> of the section.</param>
    public static void AddKeyedRedisClient(
        this IHostApplicationBuilder builder,
        string name,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null) =>
        AddKeyedRedisClientBuilder(builder, name, configureSettings, configureOptions);

    /// <inheritdoc cref="AddKeyedRedisClient"/>
    public static AspireRedisClientBuilder AddKeyedRedisClientBuilder(
        this IHostApplicationBuilder builder,
        string name,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Add(builder, name, serviceKey: name, configureSettings, configureOptions);
    }

    private static AspireRedisClientBuilder Add(
        IHostApplicationBuilder builder,
        string connectionName,
        string? serviceKey,
        Action<StackExchangeRedisSettings>? configureSettings,
        Action<ConfigurationOptions>? configureOptions)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        var section = builder.Configuration.GetSection(Section);
        var named = section.GetSection(connectionName);
        var settings = new StackExchangeRedisSettings();
        section.Bind(settings);
        named.Bind(settings);
        settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        configureSettings?.Invoke(settings);

        var optionsName = serviceKey is null ? Options.Options.DefaultName : connectionName;
        builder.Services.AddKeyedSingleton(optionsName, new RedisOptionsFactory.ConnectionSource(settings));
        builder.Services.TryAddTransient<IOptionsFactory<ConfigurationOptions>, RedisOptionsFactory>();
        builder.Services.Configure<ConfigurationOptions>(optionsName, options =>
        {
            section.GetSection(nameof(ConfigurationOptions)).Bind(options);
            named.GetSection(nameof(ConfigurationOptions)).Bind(options);
            configureOptions?.Invoke(options);
        });

        AddTelemetry(builder, settings);
        AddConnection(builder, settings, connectionName, serviceKey, optionsName);
        if (!settings.DisableHealthChecks)
        {
            // Connecting may throw; asked for within the check, that is a failed check and not a failed probe.
            builder.TryAddHealthCheck(
                serviceKey is null ? "StackExchange.Redis" : $"StackExchange.Redis_{connectionName}",
                services => new RedisHealthCheck(() => Resolve(services, serviceKey)));
        }

        return new AspireRedisClientBuilder(builder, settings, serviceKey);
    }

    private static void AddTelemetry(IHostApplicationBuilder builder, StackExchangeRedisSettings settings)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton<RedisMetrics>();
        builder.Services.AddOpenTelemetry().WithMetrics(static metrics => metrics.AddMeter(RedisMetrics.MeterName));
        if (settings.DisableTracing || builder.Services.Any(static service => service.ServiceType == typeof(RedisTracing)))
        {
            return;
        }

        builder.Services.AddSingleton<RedisTracing>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<RedisTracing>());
        builder.Services.AddOpenTelemetry().WithTracing(static tracing => tracing.AddSource(RedisTracing.SourceName));
    }

    private static void AddConnection(
        IHostApplicationBuilder builder, StackExchangeRedisSettings settings, string connectionName, string? serviceKey, string optionsName)
    {
        if (serviceKey is null)
        {
            builder.Services.AddSingleton<IConnectionMultiplexer>(services => Connect(services, settings, connectionName, optionsName));
        }
        else
        {
            builder.Services.AddKeyedSingleton<IConnectionMultiplexer>(
                serviceKey, (services, _) => Connect(services, settings, connectionName, optionsName));
        }

        if (!settings.DisableAutoActivation)
        {
            builder.Services.AddHostedService(services => new RedisActivation(() => Resolve(services, serviceKey)));
        }
    }

    private static IConnectionMultiplexer Resolve(IServiceProvider services, string? serviceKey) => serviceKey is null
        ? services.GetRequiredService<IConnectionMultiplexer>()
        : services.GetRequiredKeyedService<IConnectionMultiplexer>(serviceKey);

    private static ConnectionMultiplexer Connect(
        IServiceProvider services, StackExchangeRedisSettings settings, string connectionName, string optionsName)
    {
        var options = services.GetRequiredService<IOptionsMonitor<ConfigurationOptions>>().Get(optionsName);
        if (options.EndPoints.Count == 0)
        {
            throw new InvalidOperationException(
                $"No endpoint: set 'ConnectionStrings:{connectionName}', or 'ConnectionString' in the section '{Section}'.");
        }

        options.LoggerFactory ??= services.GetService<ILoggerFactory>();
        var connection = ConnectionMultiplexer.Connect(options);
        services.GetRequiredService<RedisMetrics>().Follow(connection, connectionName);
        if (!settings.DisableTracing)
        {
            services.GetRequiredService<RedisTracing>().Follow(connection);
        }

        return connection;
    }
}
