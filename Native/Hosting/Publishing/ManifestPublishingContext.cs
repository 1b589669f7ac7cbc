using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Engine;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.Publishing;

/// <summary>
/// Writes the application model as a manifest. Resources that are only referred to (a generated password, for one) follow after those of the
/// model, then the encoded forms of parameters that stand in URIs.
/// </summary>
public sealed class ManifestPublishingContext(
    DistributedApplicationExecutionContext executionContext, string manifestPath, Utf8JsonWriter writer, CancellationToken cancellationToken = default)
{
    private readonly Dictionary<string, IResource> _referenced = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<(ParameterResource Parameter, string Format, string Name)> _encoded = [];
    private readonly HashSet<object> _visiting = [];
    private readonly ManifestPorts _ports = new();

    public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext;

    public string ManifestPath { get; } = manifestPath;

    public Utf8JsonWriter Writer { get; } = writer;

    public CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>A path as seen from the manifest's folder, with forward slashes.</summary>
    [return: NotNullIfNotNull(nameof(path))]
    public string? GetManifestRelativePath(string? path) => path is null
        ? null
        : Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(ManifestPath))!, path).Replace('\\', '/');

    public async Task WriteContainerAsync(ContainerResource container)
    {
        if (!container.TryGetContainerImageName(out var image))
        {
            throw new DistributedApplicationException($"The resource '{container.Name}' has no container image.");
        }

        Writer.WriteString("type", "container.v0");
        WriteConnectionString(container);
        Writer.WriteString("image", image);
        if (container.Entrypoint is not null)
        {
            Writer.WriteString("entrypoint", container.Entrypoint);
        }

        await WriteCommandLineArgumentsAsync(container);
        WriteMounts(container, ContainerMountType.BindMount, "bindMounts", "source");
        WriteMounts(container, ContainerMountType.Volume, "volumes", "name");
        await WriteEnvironmentVariablesAsync(container);
        WriteBindings(container);
    }

    public void WriteConnectionString(IResource resource)
    {
        if (resource is IResourceWithConnectionString { ConnectionStringExpression: { } expression })
        {
            TryAddDependentResources(expression);
            Writer.WriteString("connectionString", ExpressionOf(expression));
        }
    }

    public void WriteBindings(IResource resource)
    {
        var endpoints = _ports.Resolve(resource);
        if (endpoints.Count == 0)
        {
            return;
        }

        Writer.WriteStartObject("bindings");
        foreach (var (endpoint, port, targetPort) in endpoints)
        {
            Writer.WriteStartObject(endpoint.Name);
            Writer.WriteString("scheme", endpoint.UriScheme);
            Writer.WriteString("protocol", endpoint.Protocol.ToString().ToLowerInvariant());
            Writer.WriteString("transport", endpoint.Transport);
            if (port is { } exposed && exposed != targetPort)
            {
                Writer.WriteNumber("port", exposed);
            }

            if (targetPort is { } target)
            {
                Writer.WriteNumber("targetPort", target);
            }

            if (endpoint.IsExternal)
            {
                Writer.WriteBoolean("external", true);
            }

            Writer.WriteEndObject();
        }

        Writer.WriteEndObject();
    }

    public async Task WriteEnvironmentVariablesAsync(IResource resource)
    {
        var variables = await Configurations.EnvironmentOfAsync(resource, ExecutionContext, NullLogger.Instance, CancellationToken);
        if (variables.Count == 0)
        {
            return;
        }

        Writer.WriteStartObject("env");
        foreach (var (name, value) in variables)
        {
            Writer.WriteString(name, ExpressionOf(value));
            TryAddDependentResources(value);
        }

        Writer.WriteEndObject();
    }

    public async Task WriteCommandLineArgumentsAsync(IResource resource)
    {
        var arguments = await Configurations.ArgumentsOfAsync(resource, ExecutionContext, NullLogger.Instance, CancellationToken);
        if (arguments.Count == 0)
        {
            return;
        }

        Writer.WriteStartArray("args");
        foreach (var argument in arguments)
        {
            Writer.WriteStringValue(ExpressionOf(argument));
            TryAddDependentResources(argument);
        }

        Writer.WriteEndArray();
    }

    /// <summary>Sees to it that the resources that a value refers to are written too.</summary>
    public void TryAddDependentResources(object? value)
    {
        if (value is ReferenceExpression expression)
        {
            _ = ExpressionOf(expression);
        }

        if (value is IResource resource)
        {
            _referenced.TryAdd(resource.Name, resource);
        }
        else if (value is IValueWithReferences references && _visiting.Add(value))
        {
            foreach (var reference in references.References)
            {
                TryAddDependentResources(reference);
            }

            _visiting.Remove(value);
        }
    }

    internal async Task WriteModelAsync(DistributedApplicationModel model)
    {
        Writer.WriteStartObject();
        Writer.WriteStartObject("resources");
        foreach (var resource in model.Resources)
        {
            await WriteResourceAsync(resource);
        }

        foreach (var resource in _referenced.Values.Where(r => !model.Resources.TryGetByName(r.Name, out _)).ToArray())
        {
            await WriteResourceAsync(resource);
        }

        foreach (var (parameter, format, name) in _encoded)
        {
            Writer.WriteStartObject(name);
            Writer.WriteString("type", "annotated.string");
            Writer.WriteString("value", parameter.ValueExpression);
            Writer.WriteString("filter", format);
            Writer.WriteEndObject();
        }

        Writer.WriteEndObject();
        Writer.WriteEndObject();
        await Writer.FlushAsync(CancellationToken);
    }

    private async Task WriteResourceAsync(IResource resource)
    {
        Func<Task> write = resource switch
        {
            _ when resource.TryGetLastAnnotation<ManifestPublishingCallbackAnnotation>(out var own) => own.Callback is null ? null! : () => own.Callback(this),
            ContainerResource container => () => WriteContainerAsync(container),
            ProjectResource project => () => WriteProjectAsync(project),
            ExecutableResource executable => () => WriteExecutableAsync(executable),
            ParameterResource parameter => () => WriteParameter(parameter),
            IResourceWithConnectionString connection => () => WriteValue(connection),
            _ => WriteError,
        };
        if (write is null)
        {
            return;
        }

        Writer.WriteStartObject(resource.Name);
        await write();
        Writer.WriteEndObject();
    }

    private async Task WriteProjectAsync(ProjectResource project)
    {
        Writer.WriteString("type", "project.v0");
        Writer.WriteString("path", GetManifestRelativePath(project.GetProjectMetadata().ProjectPath));
        await WriteCommandLineArgumentsAsync(project);
        await WriteEnvironmentVariablesAsync(project);
        WriteBindings(project);
    }

    private async Task WriteExecutableAsync(ExecutableResource executable)
    {
        Writer.WriteString("type", "executable.v0");
        WriteConnectionString(executable);
        Writer.WriteString("workingDirectory", GetManifestRelativePath(executable.WorkingDirectory));
        Writer.WriteString("command", executable.Command);
        await WriteCommandLineArgumentsAsync(executable);
        await WriteEnvironmentVariablesAsync(executable);
        WriteBindings(executable);
    }

    private Task WriteParameter(ParameterResource parameter)
    {
        Writer.WriteString("type", "parameter.v0");
        if (parameter.IsConnectionString)
        {
            Writer.WriteString("connectionString", parameter.ValueExpression);
        }

        Writer.WriteString("value", $"{{{parameter.Name}.inputs.value}}");
        Writer.WriteStartObject("inputs");
        Writer.WriteStartObject("value");
        Writer.WriteString("type", "string");
        if (parameter.Secret)
        {
            Writer.WriteBoolean("secret", true);
        }

        if (parameter.Default is { } standard)
        {
            Writer.WriteStartObject("default");
            standard.WriteToManifest(this);
            Writer.WriteEndObject();
        }

        Writer.WriteEndObject();
        Writer.WriteEndObject();
        return Task.CompletedTask;
    }

    private Task WriteValue(IResourceWithConnectionString resource)
    {
        Writer.WriteString("type", "value.v0");
        WriteConnectionString(resource);
        return Task.CompletedTask;
    }

    private Task WriteError()
    {
        Writer.WriteString("error", "This resource does not support generation in the manifest.");
        return Task.CompletedTask;
    }

    private void WriteMounts(ContainerResource container, ContainerMountType type, string property, string sourceProperty)
    {
        var mounts = container.Annotations.OfType<ContainerMountAnnotation>().Where(m => m.Type == type).ToArray();
        if (mounts.Length == 0)
        {
            return;
        }

        Writer.WriteStartArray(property);
        foreach (var mount in mounts)
        {
            Writer.WriteStartObject();
            if (mount.Source is { } source)
            {
                Writer.WriteString(sourceProperty, type == ContainerMountType.BindMount ? GetManifestRelativePath(source) : source);
            }

            Writer.WriteString("target", mount.Target);
            Writer.WriteBoolean("readOnly", mount.IsReadOnly);
            Writer.WriteEndObject();
        }

        Writer.WriteEndArray();
    }

    private string ExpressionOf(object value) => value switch
    {
        ReferenceExpression expression => ExpressionOf(expression),
        IManifestExpressionProvider provider => provider.ValueExpression,
        IResourceBuilder<IResource> { Resource: IManifestExpressionProvider provider } => provider.ValueExpression,
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty,
    };

    private string ExpressionOf(ReferenceExpression expression)
    {
        var holes = new string[expression.ManifestExpressions.Count];
        for (var i = 0; i < holes.Length; i++)
        {
            holes[i] = expression.StringFormats[i] is { Length: > 0 } format && ParameterIn(expression.ValueProviders[i]) is { } parameter
                ? $"{{{EncodedName(parameter, format)}.value}}"
                : expression.ManifestExpressions[i];
        }

        return string.Format(CultureInfo.InvariantCulture, expression.Format, holes);
    }

    private string EncodedName(ParameterResource parameter, string format)
    {
        var known = _encoded.FirstOrDefault(e => ReferenceEquals(e.Parameter, parameter) && e.Format == format).Name;
        if (known is null)
        {
            known = $"{parameter.Name}-{format}-encoded";
            _encoded.Add((parameter, format, known));
        }

        return known;
    }

    private static ParameterResource? ParameterIn(IValueProvider provider) => provider switch
    {
        ParameterResource parameter => parameter,
        ReferenceExpression { Format: "{0}", ValueProviders: [ParameterResource parameter] } => parameter,
        _ => null,
    };
}
