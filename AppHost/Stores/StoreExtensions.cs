using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace AppHost.Stores;

/// <summary>What services refer to, however the stores run.</summary>
internal sealed record StoreResources(IResourceBuilder<IResourceWithConnectionString> Database, IResourceBuilder<IResourceWithConnectionString> Redis);

/// <summary>
/// PostgreSQL and Redis: Aspire's own resources when published and where a container engine answers, else executables. The orchestrator knows
/// executables, but hands their state on to nothing within them: what it does for a container's databases is done here.
/// </summary>
internal static class StoreExtensions
{
    private const string Postgres = "postgres";
    private const string Redis = "redis";
    private const string DatabaseName = "dbman-db";

    /// <summary>SIGTERM has PostgreSQL wait until every client has left. What the orchestrator sends becomes SIGINT, which ends sessions and writes a checkpoint.</summary>
    private const string StopAtOnce =
        """trap 'kill -INT $server' TERM INT; "$@" & server=$!; while kill -0 $server 2> /dev/null; do wait $server; code=$?; done; exit $code""";

    /// <param name="builder">The model.</param>
    /// <param name="maxConnections">What PostgreSQL must allow.</param>
    /// <exception cref="StoreException">PostgreSQL cannot run here; nothing was started or changed.</exception>
    public static async Task<StoreResources> AddStoresAsync(this IDistributedApplicationBuilder builder, int maxConnections)
    {
        string[] connections = ["-c", $"max_connections={maxConnections}"];
        var choice = builder.ExecutionContext.IsRunMode
            ? await StoreChoice.MakeAsync(builder.Configuration, Path.Combine(builder.AppHostDirectory, ".aspire"), Console.WriteLine, CancellationToken.None)
            : null;
        if (choice is not { Postgres: { } programs, User: { } user })
        {
            // A test names a volume of its own, so that it starts with nothing.
            var server = builder.AddPostgres(Postgres).WithDataVolume(builder.Configuration["VolumeName"]).WithArgs(connections);
            var redisServer = builder.AddRedis(Redis);
            if (builder.ExecutionContext.IsPublishMode)
            {
                // Aspire's own string ends in a condition, whether TLS is on, that deployment tools cannot read. Within a cluster it is off.
                redisServer.WithConnectionStringRedirection(new ConnectionStringResource($"{Redis}-plain", ReferenceExpression.Create(
                    $"{redisServer.Resource.PrimaryEndpoint.Property(EndpointProperty.Host)}:{redisServer.Resource.PrimaryEndpoint.Property(EndpointProperty.Port)},password={redisServer.Resource.PasswordParameter!}")));
            }

            return new StoreResources(server.AddDatabase(DatabaseName), redisServer);
        }

        var data = new PostgresData(programs, user, Path.Combine(choice.Folder, "postgres"));
        await data.CheckAsync(CancellationToken.None);
        var redis = RedisPrograms.Find();
        builder.Eventing.Subscribe<BeforeStartEvent>((started, _) =>
        {
            AppHostLog.StoresAreProcesses(
                started.Services.GetRequiredService<ILoggerFactory>().CreateLogger("AppHost"), programs.Version, programs.Folder, redis.Name, choice.Folder);
            return Task.CompletedTask;
        });
        return new StoreResources(
            AddPostgres(builder, choice.Folder, programs, data, connections).AddDatabase(), AddRedis(builder, choice.Folder, redis));
    }

    private static IResourceBuilder<PostgresProcess> AddPostgres(
        IDistributedApplicationBuilder builder, string folder, PostgresPrograms programs, PostgresData data, string[] arguments)
    {
        var password = ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{Postgres}-password", special: false);
        var server = new PostgresProcess(Postgres, "/bin/sh", folder, password);
        var check = AddCheck(builder, server, static (checks, connection, name) => checks.AddNpgSql(_ => $"{connection()};Database=postgres;Pooling=false;Timeout=2", name: name));
        builder.Eventing.Subscribe<ResourceReadyEvent>(server, (ready, token) => CreateDatabasesAsync(builder, server, ready.Services, token));
        builder.Eventing.Subscribe<ResourceStoppedEvent>(server, (stopped, _) => SetStateAsync(builder, server, stopped.Services, KnownResourceStates.Exited));
        return builder.AddResource(server)
            .WithEndpoint(name: PostgresProcess.EndpointName, port: LoopbackPorts.Free(), isProxied: false)
            .WithArgs(context =>
            {
                foreach (var argument in data.ServerCommand(arguments).Prepend("sh").Prepend(StopAtOnce).Prepend("-c"))
                {
                    context.Args.Add(argument);
                }

                context.Args.Add("-p");
                context.Args.Add(server.Endpoint.Property(EndpointProperty.TargetPort));
            })
            .WithHealthCheck(check)
            .WithIconName("DatabaseMultiple")
            .WithInitialState(Snapshot("PostgreSQL", ("Version", programs.Version), ("Programs", programs.Folder), ("Data", folder)))
            .OnBeforeResourceStarted(async (_, _, token) =>
                await data.PrepareAsync(await password.GetValueAsync(token) ?? throw new StoreException("PostgreSQL's password is empty."), token));
    }

    private static IResourceBuilder<PostgresProcessDatabase> AddDatabase(this IResourceBuilder<PostgresProcess> server)
    {
        var builder = server.ApplicationBuilder;
        var database = new PostgresProcessDatabase(DatabaseName, server.Resource);
        var check = AddCheck(builder, database, static (checks, connection, name) => checks.AddNpgSql(_ => $"{connection()};Pooling=false;Timeout=2", name: name));
        return builder.AddResource(database).WithHealthCheck(check).WithIconName("Database")
            .WithInitialState(Snapshot("PostgresDatabase") with { State = KnownResourceStates.Waiting });
    }

    private static IResourceBuilder<RedisProcess> AddRedis(IDistributedApplicationBuilder builder, string stores, RedisPrograms programs)
    {
        var folder = Directory.CreateDirectory(Path.Combine(stores, Redis)).FullName;
        var password = ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{Redis}-password", special: false);
        var server = new RedisProcess(Redis, programs.Command[0], builder.AppHostDirectory, password);
        var check = AddCheck(builder, server, static (checks, connection, name) => checks.AddRedis(_ => connection(), name: name));
        return builder.AddResource(server)
            .WithEndpoint(name: RedisProcess.EndpointName, port: LoopbackPorts.Free(), isProxied: false)
            .WithArgs(context =>
            {
                foreach (var argument in programs.Command.Skip(1).Concat(programs.Arguments(folder, server.Endpoint.Property(EndpointProperty.TargetPort))))
                {
                    context.Args.Add(argument);
                }
            })
            .WithEnvironment(context => programs.Variables(folder).ToList().ForEach(variable => context.EnvironmentVariables[variable.Key] = variable.Value))
            .WithHealthCheck(check)
            .WithIconName("DatabaseLightning")
            .WithInitialState(Snapshot("Redis", ("Programs", programs.Name)))
            .OnBeforeResourceStarted(async (_, _, token) =>
                await programs.PrepareAsync(folder, await password.GetValueAsync(token) ?? string.Empty, builder.AppHostDirectory, token));
    }

    /// <summary>A health check that knows the connection string as soon as the resource does.</summary>
    private static string AddCheck(
        IDistributedApplicationBuilder builder, IResourceWithConnectionString resource, Action<IHealthChecksBuilder, Func<string>, string> add)
    {
        string? known = null;
        var name = $"{resource.Name}_check";
        add(builder.Services.AddHealthChecks(), () => known ?? throw new InvalidOperationException("The address is not known yet."), name);
        builder.Eventing.Subscribe<ConnectionStringAvailableEvent>(resource, async (_, token) => known = await resource.ConnectionStringExpression.GetValueAsync(token));
        return name;
    }

    private static async Task CreateDatabasesAsync(IDistributedApplicationBuilder builder, PostgresProcess server, IServiceProvider services, CancellationToken cancellationToken)
    {
        var connectionString = await server.ConnectionStringExpression.GetValueAsync(cancellationToken);
        await using var connection = new NpgsqlConnection($"{connectionString};Database=postgres;Pooling=false");
        await connection.OpenAsync(cancellationToken);
        foreach (var database in DatabasesOf(builder, server))
        {
            await using var exists = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection) { Parameters = { new() { Value = database.Name } } };
            if (await exists.ExecuteScalarAsync(cancellationToken) is null)
            {
                await using var create = new NpgsqlCommand($"CREATE DATABASE \"{database.Name}\"", connection);
                await create.ExecuteNonQueryAsync(cancellationToken);
            }

            await builder.Eventing.PublishAsync(new ConnectionStringAvailableEvent(database, services), cancellationToken);
        }

        await SetStateAsync(builder, server, services, KnownResourceStates.Running);
    }

    private static async Task SetStateAsync(IDistributedApplicationBuilder builder, PostgresProcess server, IServiceProvider services, string state)
    {
        var notifications = services.GetRequiredService<ResourceNotificationService>();
        foreach (var database in DatabasesOf(builder, server))
        {
            await notifications.PublishUpdateAsync(database, snapshot => snapshot with { State = state });
        }
    }

    private static IEnumerable<PostgresProcessDatabase> DatabasesOf(IDistributedApplicationBuilder builder, PostgresProcess server) =>
        builder.Resources.OfType<PostgresProcessDatabase>().Where(database => ReferenceEquals(database.Parent, server)).ToArray();

    private static CustomResourceSnapshot Snapshot(string type, params (string Name, string Value)[] properties) => new()
    {
        ResourceType = type,
        Properties = [.. properties.Select(static property => new ResourcePropertySnapshot(property.Name, property.Value))],
    };
}
