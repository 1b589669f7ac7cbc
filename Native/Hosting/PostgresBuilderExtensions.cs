using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Engine.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

public static class PostgresBuilderExtensions
{
    public static IResourceBuilder<PostgresServerResource> AddPostgres(
        this IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<ParameterResource>? userName = null,
        IResourceBuilder<ParameterResource>? password = null,
        int? port = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var server = new PostgresServerResource(
            name, userName?.Resource, password?.Resource ?? ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password"));
        var key = Register(builder, server);
        builder.Eventing.Subscribe<ResourceReadyEvent>(server, (_, token) => PostgresDatabases.CreateAsync(
            server, [.. builder.Resources.OfType<PostgresDatabaseResource>().Where(d => ReferenceEquals(d.Parent, server))], token));
        return builder.AddResource(server)
            .WithAnnotation(new PostgresServer(server))
            .WithEndpoint(port: port, targetPort: 5432, name: PostgresServerResource.PrimaryEndpointName)
            .WithImage("library/postgres", "18.3")
            .WithImageRegistry("docker.io")
            .WithEnvironment("POSTGRES_HOST_AUTH_METHOD", "scram-sha-256")
            .WithEnvironment("POSTGRES_INITDB_ARGS", "--auth-host=scram-sha-256 --auth-local=scram-sha-256")
            .WithEnvironment(context =>
            {
                context.EnvironmentVariables["POSTGRES_USER"] = server.UserNameReference;
                context.EnvironmentVariables["POSTGRES_PASSWORD"] = server.PasswordParameter;
            })
            .WithHealthCheck(key);
    }

    public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(
        this IResourceBuilder<PostgresServerResource> builder, string name, string? databaseName = null)
    {
        var database = new PostgresDatabaseResource(name, databaseName ?? name, builder.Resource);
        builder.Resource.AddDatabase(name, database.DatabaseName);
        var key = Register(builder.ApplicationBuilder, database);
        return builder.ApplicationBuilder.AddResource(database).WithHealthCheck(key);
    }

    public static IResourceBuilder<PostgresServerResource> WithDataVolume(
        this IResourceBuilder<PostgresServerResource> builder, string? name = null, bool isReadOnly = false) =>
        builder.WithVolume(name ?? VolumeNameGenerator.Generate(builder, "data"), DataPath(builder.Resource), isReadOnly);

    public static IResourceBuilder<PostgresServerResource> WithPassword(
        this IResourceBuilder<PostgresServerResource> builder, IResourceBuilder<ParameterResource> password)
    {
        builder.Resource.PasswordParameter = password.Resource;
        return builder;
    }

    public static IResourceBuilder<PostgresServerResource> WithUserName(
        this IResourceBuilder<PostgresServerResource> builder, IResourceBuilder<ParameterResource> userName)
    {
        builder.Resource.UserNameParameter = userName.Resource;
        return builder;
    }

    public static IResourceBuilder<PostgresServerResource> WithHostPort(this IResourceBuilder<PostgresServerResource> builder, int? port) =>
        builder.WithEndpoint(PostgresServerResource.PrimaryEndpointName, endpoint => endpoint.Port = port);

    /// <summary>From version 18 on, the image keeps its data one folder up.</summary>
    private static string DataPath(PostgresServerResource server)
    {
        var tag = server.TryGetLastAnnotation<ContainerImageAnnotation>(out var image) ? image.Tag : null;
        var major = new string([.. (tag ?? string.Empty).TakeWhile(char.IsAsciiDigit)]);
        return int.TryParse(major, out var version) && version < 18 ? "/var/lib/postgresql/data" : "/var/lib/postgresql";
    }

    private static string Register<T>(IDistributedApplicationBuilder builder, T resource)
        where T : IResourceWithConnectionString
    {
        string? connectionString = null;
        builder.Eventing.Subscribe<ConnectionStringAvailableEvent>(
            resource, async (_, token) => connectionString = await resource.ConnectionStringExpression.GetValueAsync(token));
        var key = $"{resource.Name}_check";
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(key, _ => new PostgresHealthCheck(() => connectionString), failureStatus: null, tags: null));
        return key;
    }
}
