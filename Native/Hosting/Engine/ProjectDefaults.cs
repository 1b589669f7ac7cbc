using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Engine.Dashboards;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Engine;

/// <summary>The endpoints and environment that every project gets: from its launch profile when it is run, bindings on standard ports when it is published.</summary>
internal static class ProjectDefaults
{
    public static IResourceBuilder<ProjectResource> Apply(IResourceBuilder<ProjectResource> builder, IProjectMetadata metadata, ProjectResourceOptions options)
    {
        var application = builder.ApplicationBuilder;
        var profile = LaunchProfiles.Effective(metadata, application.Configuration, options);
        var urls = profile?.Profile.ApplicationUrl?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        builder.WithEnvironment("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "in_memory");
        if (application.ExecutionContext.IsPublishMode)
        {
            ForPublishing(builder, hasUrls: urls.Length > 0);
            return builder;
        }

        if (profile is { } chosen)
        {
            builder.WithAnnotation(new LaunchProfileAnnotation(chosen.Name));
        }

        foreach (var url in urls)
        {
            AddLaunchUrl(builder, url);
        }

        builder.WithEnvironment(context =>
        {
            SetUrls(builder.Resource, context);
            SetTelemetry(application, context);
            context.EnvironmentVariables.TryAdd("LOGGING__CONSOLE__FORMATTERNAME", "simple");
            if (profile is { } used)
            {
                context.EnvironmentVariables.TryAdd("DOTNET_LAUNCH_PROFILE", used.Name);
                foreach (var (name, value) in used.Profile.EnvironmentVariables)
                {
                    context.EnvironmentVariables.TryAdd(name, Environment.ExpandEnvironmentVariables(value));
                }
            }
        });
        return builder;
    }

    private static void AddLaunchUrl(IResourceBuilder<ProjectResource> builder, string url)
    {
        // '*' and '+' are hosts to Kestrel but not to Uri.
        var uri = new Uri(url.Replace("://*", "://localhost", StringComparison.Ordinal).Replace("://+", "://localhost", StringComparison.Ordinal));
        var count = builder.Resource.Annotations.OfType<EndpointAnnotation>().Count(e => e.UriScheme == uri.Scheme);
        builder.WithEndpoint(count == 0 ? uri.Scheme : $"{uri.Scheme}{count + 1}", endpoint =>
        {
            endpoint.Port = uri.Port;
            endpoint.TargetHost = uri.Host;
            endpoint.UriScheme = uri.Scheme;
            endpoint.FromLaunchProfile = true;
        });
    }

    private static void SetUrls(ProjectResource project, EnvironmentCallbackContext context)
    {
        var urls = new ReferenceExpressionBuilder();
        foreach (var endpoint in project.GetEndpoints())
        {
            urls.AppendLiteral(urls.IsEmpty ? string.Empty : ";");
            urls.Append($"{endpoint.Property(EndpointProperty.Scheme)}://{endpoint.EndpointAnnotation.TargetHost}:{endpoint.Property(EndpointProperty.TargetPort)}");
        }

        if (!urls.IsEmpty)
        {
            context.EnvironmentVariables.TryAdd("ASPNETCORE_URLS", urls.Build());
        }
    }

    /// <summary>
    /// Where traces, metrics and logs go is said once, in the AppHost's environment, and passed on; said nothing, they go to the dashboard when there is
    /// one. The service's name and instance are set in any case.
    /// </summary>
    private static void SetTelemetry(IDistributedApplicationBuilder application, EnvironmentCallbackContext context)
    {
        var variables = context.EnvironmentVariables;
        var configuration = application.Configuration;
        variables.TryAdd("OTEL_SERVICE_NAME", context.Resource.Name);
        if (configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is null or ""
            && application.ExecutionContext.BuiltServices?.GetService<DashboardPlan>() is { Frontend: not null } dashboard)
        {
            variables.TryAdd("OTEL_EXPORTER_OTLP_ENDPOINT", dashboard.OtlpGrpc.GetLeftPart(UriPartial.Authority));
            variables.TryAdd("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
            variables.TryAdd("OTEL_EXPORTER_OTLP_HEADERS", $"x-otlp-api-key={dashboard.OtlpKey}");
        }

        foreach (var name in (string[])["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_HEADERS"])
        {
            if (configuration[name] is { Length: > 0 } value)
            {
                variables.TryAdd(name, value);
            }
        }

        if (!application.Environment.IsDevelopment())
        {
            return;
        }

        variables.TryAdd("OTEL_BLRP_SCHEDULE_DELAY", "1000");
        variables.TryAdd("OTEL_BSP_SCHEDULE_DELAY", "1000");
        variables.TryAdd("OTEL_METRIC_EXPORT_INTERVAL", "1000");
        variables.TryAdd("OTEL_TRACES_SAMPLER", "always_on");
        variables.TryAdd("OTEL_METRICS_EXEMPLAR_FILTER", "trace_based");
        variables.TryAdd("OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION", "true");
        variables.TryAdd("OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION", "true");
    }

    private static void ForPublishing(IResourceBuilder<ProjectResource> builder, bool hasUrls)
    {
        var project = builder.Resource;
        builder.WithEnvironment(context =>
        {
            if (project.GetEndpoints().Any() && !project.HasAnnotationOfType<DisableForwardedHeadersAnnotation>())
            {
                context.EnvironmentVariables["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true";
            }

            SetPorts(project, context, "HTTP_PORTS", "http");
            SetPorts(project, context, "HTTPS_PORTS", "https");
        });
        if (!hasUrls)
        {
            return;
        }

        foreach (var scheme in (string[])["http", "https"])
        {
            if (!project.Annotations.OfType<EndpointAnnotation>().Any(e => e.UriScheme == scheme || e.Name == scheme))
            {
                builder.WithEndpoint(scheme, endpoint =>
                {
                    endpoint.UriScheme = scheme;
                    endpoint.IsDefaultHttps = scheme == "https";
                });
            }
        }
    }

    private static void SetPorts(ProjectResource project, EnvironmentCallbackContext context, string variable, string scheme)
    {
        var ports = new ReferenceExpressionBuilder();
        foreach (var endpoint in project.GetEndpoints().Where(e => e.Scheme == scheme && !e.EndpointAnnotation.IsDefaultHttps))
        {
            ports.AppendLiteral(ports.IsEmpty ? string.Empty : ";");
            ports.Append($"{endpoint.Property(EndpointProperty.TargetPort)}");
        }

        if (!ports.IsEmpty)
        {
            context.EnvironmentVariables.TryAdd(variable, ports.Build());
        }
    }
}
