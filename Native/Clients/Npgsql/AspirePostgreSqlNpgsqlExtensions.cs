using Aspire;
using Aspire.Npgsql;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers Npgsql data sources with health check, tracing and metrics.</summary>
public static class AspirePostgreSqlNpgsqlExtensions
{
    private const string Section = "Aspire:Npgsql";

    /// <summary>Name of Npgsql's meter.</summary>
    private const string Meter = "Npgsql";

    /// <summary>Registers the <see cref="NpgsqlDataSource"/> of the connection string <c>ConnectionStrings:<paramref name="connectionName"/></c>.</summary>
    /// <param name="builder">Where to register, and whose configuration to read.</param>
    /// <param name="connectionName">Name of the connection string.</param>
    /// <param name="configureSettings">Has the last word over configuration.</param>
    /// <param name="configureDataSourceBuilder">Shapes the data source.</param>
    /// <exception cref="InvalidOperationException">Thrown when the data source is first resolved and there is no connection string.</exception>
    public static void AddNpgsqlDataSource(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<NpgsqlSettings>? configureSettings = null,
        Action<NpgsqlDataSourceBuilder>? configureDataSourceBuilder = null) =>
        Add(builder, connectionName, serviceKey: null, configureSettings, configureDataSourceBuilder);

    /// <summary>The same under the service key <paramref name="name"/>, for services with several databases.</summary>
    /// <param name="builder">Where to register, and whose configuration to read.</param>
    /// <param name="name">Service key, and name of the connection string.</param>
    /// <param name="configureSettings">Has the last word over configuration.</param>
    /// <param name="configureDataSourceBuilder">Shapes the data source.</param>
    public static void AddKeyedNpgsqlDataSource(
        this IHostApplicationBuilder builder,
        string name,
        Action<NpgsqlSettings>? configureSettings = null,
        Action<NpgsqlDataSourceBuilder>? configureDataSourceBuilder = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Add(builder, name, serviceKey: name, configureSettings, configureDataSourceBuilder);
    }

    private static void Add(
        IHostApplicationBuilder builder,
        string connectionName,
        string? serviceKey,
        Action<NpgsqlSettings>? configureSettings,
        Action<NpgsqlDataSourceBuilder>? configureDataSourceBuilder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        var settings = ReadSettings(builder.Configuration, connectionName);
        configureSettings?.Invoke(settings);

        builder.Services.AddNpgsqlDataSource(
            settings.ConnectionString ?? "",
            source =>
            {
                // Here and not above: a service that is only asked for its model (a manifest, an OpenAPI document) needs no database.
                if (string.IsNullOrWhiteSpace(settings.ConnectionString))
                {
                    throw new InvalidOperationException(
                        $"No connection string: set 'ConnectionStrings:{connectionName}', or 'ConnectionString' in the section '{Section}'.");
                }

                configureDataSourceBuilder?.Invoke(source);
            },
            serviceKey: serviceKey);

        if (!settings.DisableHealthChecks)
        {
            builder.TryAddHealthCheck(
                serviceKey is null ? "PostgreSql" : $"PostgreSql_{connectionName}",
                services => new NpgsqlHealthCheck(serviceKey is null
                    ? services.GetRequiredService<NpgsqlDataSource>()
                    : services.GetRequiredKeyedService<NpgsqlDataSource>(serviceKey)));
        }

        if (!settings.DisableTracing)
        {
            builder.Services.AddOpenTelemetry().WithTracing(static tracing => tracing.AddNpgsql());
        }

        if (!settings.DisableMetrics)
        {
            builder.Services.AddOpenTelemetry().WithMetrics(static metrics => metrics.AddMeter(Meter));
        }
    }

    private static NpgsqlSettings ReadSettings(IConfiguration configuration, string connectionName)
    {
        var settings = new NpgsqlSettings();
        var section = configuration.GetSection(Section);
        section.Bind(settings);
        section.GetSection(connectionName).Bind(settings);
        settings.ConnectionString = configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        return settings;
    }
}
