using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Engine;

namespace Aspire.Hosting;

/// <summary>How one resource comes to know another: connection strings, connection properties and service discovery variables.</summary>
public static partial class ResourceBuilderExtensions
{
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithConnectionString> source,
        string? connectionName = null,
        bool optional = false)
        where TDestination : IResourceWithEnvironment
    {
        var resource = source.Resource;
        var name = connectionName ?? resource.Name;
        return builder.WithReferenceRelationship(resource).WithEnvironment(context =>
        {
            context.EnvironmentVariables[resource.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{name}"] =
                new ConnectionStringReference(resource, optional);
            var prefix = name.Length == 0 ? string.Empty : ResourceNames.EncodeForEnvironment(name).ToUpperInvariant() + "_";
            foreach (var (key, value) in resource.GetConnectionProperties())
            {
                context.EnvironmentVariables[prefix + key.ToUpperInvariant()] = value;
            }

            foreach (var property in resource.Annotations.OfType<ConnectionPropertyAnnotation>())
            {
                context.EnvironmentVariables[prefix + property.Name.ToUpperInvariant()] = property.Value;
            }
        });
    }

    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment => ReferTo(builder, source.Resource, endpointName: null, serviceName: null);

    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source, string name)
        where TDestination : IResourceWithEnvironment => ReferTo(builder, source.Resource, endpointName: null, name);

    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, EndpointReference endpointReference)
        where TDestination : IResourceWithEnvironment =>
        ReferTo(builder, endpointReference.Resource, endpointReference.EndpointName, serviceName: null);

    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, string name, Uri uri)
        where TDestination : IResourceWithEnvironment => uri.IsAbsoluteUri && uri.Fragment.Length == 0 && uri.Query.Length == 0
            ? builder.WithEnvironment($"services__{name}__default__0", uri.ToString()).WithEnvironment(ResourceNames.EncodeForEnvironment(name), uri.ToString())
            : throw new InvalidOperationException($"The URI of the service '{name}' has to be absolute, without a query or a fragment.");

    private static IResourceBuilder<TDestination> ReferTo<TDestination>(
        IResourceBuilder<TDestination> builder, IResourceWithEndpoints source, string? endpointName, string? serviceName)
        where TDestination : IResourceWithEnvironment
    {
        var reference = builder.Resource.Annotations.OfType<EndpointReferenceAnnotation>().SingleOrDefault(r => ReferenceEquals(r.Resource, source));
        if (reference is null)
        {
            reference = new EndpointReferenceAnnotation(source);
            builder.WithAnnotation(reference).WithReferenceRelationship(source).WithEnvironment(context => SetServiceVariables(context, reference, serviceName));
        }

        if (endpointName is null)
        {
            reference.UseAllEndpoints = true;
        }
        else
        {
            reference.EndpointNames.Add(endpointName);
        }

        return builder;
    }

    private static void SetServiceVariables(EnvironmentCallbackContext context, EndpointReferenceAnnotation reference, string? serviceName)
    {
        var variables = context.EnvironmentVariables;
        var name = serviceName ?? reference.Resource.Name;
        foreach (var endpoint in reference.Resource.GetEndpoints())
        {
            if (!reference.EndpointNames.Contains(endpoint.EndpointName) && !(reference.UseAllEndpoints && !endpoint.ExcludeReferenceEndpoint))
            {
                continue;
            }

            var plain = ResourceNames.EncodeForEnvironment(serviceName ?? name.ToUpperInvariant());
            variables[$"{plain}_{ResourceNames.EncodeForEnvironment(endpoint.EndpointName).ToUpperInvariant()}"] = endpoint;
            var key = endpoint.IsHttpSchemeNamedEndpoint ? endpoint.Scheme : endpoint.EndpointName;
            var index = 0;
            while (variables.ContainsKey($"services__{name}__{key}__{index}"))
            {
                index++;
            }

            variables[$"services__{name}__{key}__{index}"] = endpoint;
        }
    }
}
