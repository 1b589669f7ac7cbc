using Contracts;
using Dbman.Messages.Commit;
using Dbman.Requests;
using Dbman.Schema;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceDefaults;
using ServiceDefaults.Health;

namespace Dbman.Postgres;

/// <summary>Registers the pool, the schema's migration, and what watches both.</summary>
internal static class DatabaseExtensions
{
    /// <summary>The client's patience exceeds the server's, so that it is the server who ends a slow statement, and says so.</summary>
    private static readonly TimeSpan ClientPatience = TimeSpan.FromSeconds(2);

    public static IHostApplicationBuilder AddDatabase(this IHostApplicationBuilder builder)
    {
        builder.AddValidatedOptions<DatabaseOptions>(DatabaseOptions.Section);
        builder.AddValidatedOptions<CommitOptions>(CommitOptions.Section);
        builder.AddValidatedOptions<ConcurrencyOptions>(ConcurrencyOptions.Section);
        builder.Services.AddSingleton<IValidateOptions<DatabaseOptions>, DatabaseOptionsValidator>();

        var bounds = builder.Configuration.GetSection(DatabaseOptions.Section).Get<DatabaseOptions>() ?? new DatabaseOptions();
        builder.AddNpgsqlDataSource(
            ServiceNames.Database,
            // The check of its own below asks for more: an answer from PostgreSQL and a schema that is current.
            static settings => settings.DisableHealthChecks = true,
            source =>
            {
                // What metrics call the pool; else it would be the connection string.
                source.Name = ServiceNames.Database;
                Configure(source.ConnectionStringBuilder, bounds);
            });

        builder.Services.AddSingleton<DatabaseTelemetry>();
        builder.Services.AddSingleton<DatabaseState>();
        builder.Services.AddSingleton<Database>();
        builder.Services.AddSingleton<OwnConnection>();
        builder.Services.AddHostedService<SchemaMigrator>();
        builder.Services.AddHealthChecks().AddCheck<DatabaseHealthCheck>("schema", tags: [HealthTags.Ready, HealthTags.Startup]);
        return builder;
    }

    private static void Configure(NpgsqlConnectionStringBuilder connection, DatabaseOptions bounds)
    {
        connection.ApplicationName = ServiceNames.Dbman;
        connection.MaxPoolSize = bounds.MaxPoolSize;
        connection.Timeout = (int)Math.Ceiling(bounds.ConnectTimeout.TotalSeconds);
        connection.CommandTimeout = (int)Math.Ceiling((bounds.StatementTimeout + ClientPatience).TotalSeconds);
        connection.ConnectionLifetime = (int)bounds.ConnectionLifetime.TotalSeconds;
        connection.KeepAlive = 30;

        // Every statement of ours is in a file: a handful, prepared once per connection, planned once.
        connection.MaxAutoPrepare = 100;
        connection.AutoPrepareMinUsages = 2;

        // Nothing of ours changes a session's state, so there is nothing to reset.
        connection.NoResetOnClose = true;

        // Every query is by key. A plan is kept as long as its connection, so one that was made while a table was small must not be a scan; and compiling
        // plans costs more than running queries as short as these.
        connection.Options = string.Join(
            ' ',
            [
                connection.Options,
                $"-c statement_timeout={(long)bounds.StatementTimeout.TotalMilliseconds}",
                $"-c lock_timeout={(long)bounds.LockTimeout.TotalMilliseconds}",
                "-c idle_in_transaction_session_timeout=0",
                "-c default_transaction_isolation=read\\ committed",
                "-c plan_cache_mode=force_generic_plan",
                "-c enable_seqscan=off",
                "-c jit=off",
            ]).Trim();
    }
}
