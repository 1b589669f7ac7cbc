using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Engine.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

public static class RedisBuilderExtensions
{
    public static IResourceBuilder<RedisResource> AddRedis(this IDistributedApplicationBuilder builder, string name, int? port) =>
        builder.AddRedis(name, port, password: null);

    public static IResourceBuilder<RedisResource> AddRedis(
        this IDistributedApplicationBuilder builder, string name, int? port = null, IResourceBuilder<ParameterResource>? password = null)
    {
        ArgumentNullException.ThrowIfNull(builder);

        // A connection string of StackExchange.Redis cannot hold a comma, hence no special characters.
        var redis = new RedisResource(
            name, password?.Resource ?? ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password", special: false));
        var key = $"{name}_check";
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(key, _ => new RedisHealthCheck(redis), failureStatus: null, tags: null));
        return builder.AddResource(redis)
            .WithAnnotation(new RedisServer(redis))
            .WithEndpoint(port: port, targetPort: 6379, name: RedisResource.PrimaryEndpointName, scheme: "redis")
            .WithImage("library/redis", "8.6")
            .WithImageRegistry("docker.io")
            .WithEntrypoint("/bin/sh")
            .WithHealthCheck(key)
            .WithEnvironment(context =>
            {
                if (redis.PasswordParameter is { } given)
                {
                    context.EnvironmentVariables["REDIS_PASSWORD"] = given;
                }
            })
            .WithArgs(context => AddServerArguments(redis, context));
    }

    public static IResourceBuilder<RedisResource> WithDataVolume(
        this IResourceBuilder<RedisResource> builder, string? name = null, bool isReadOnly = false)
    {
        builder.WithVolume(name ?? VolumeNameGenerator.Generate(builder, "data"), "/data", isReadOnly);
        return isReadOnly ? builder : builder.WithPersistence();
    }

    public static IResourceBuilder<RedisResource> WithPersistence(
        this IResourceBuilder<RedisResource> builder, TimeSpan? interval = null, long keysChangedThreshold = 1) =>
        builder.WithAnnotation(
            new RedisPersistence(interval ?? TimeSpan.FromSeconds(60), keysChangedThreshold), ResourceAnnotationMutationBehavior.Replace);

    public static IResourceBuilder<RedisResource> WithPassword(
        this IResourceBuilder<RedisResource> builder, IResourceBuilder<ParameterResource>? password)
    {
        builder.Resource.PasswordParameter = password?.Resource;
        return builder;
    }

    public static IResourceBuilder<RedisResource> WithHostPort(this IResourceBuilder<RedisResource> builder, int? port) =>
        builder.WithEndpoint(RedisResource.PrimaryEndpointName, endpoint => endpoint.Port = port);

    private static void AddServerArguments(RedisResource redis, CommandLineArgsCallbackContext context)
    {
        // What runs here is told by a configuration file instead, which other users' process lists do not show.
        if (context.ExecutionContext.IsRunMode)
        {
            return;
        }

        var command = "redis-server";
        if (redis.PasswordParameter is not null)
        {
            command += " --requirepass $REDIS_PASSWORD";
        }

        if (redis.TryGetLastAnnotation<RedisPersistence>(out var persistence))
        {
            command += string.Create(CultureInfo.InvariantCulture, $" --save {persistence.Interval.TotalSeconds} {persistence.KeysChanged}");
        }

        context.Args.Add("-c");
        context.Args.Add(command);
    }
}
