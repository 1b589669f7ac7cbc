namespace Tests.Deploy.Aspirate;

/// <summary>
/// What aspirate gives a template, for one resource or for the root (which has no name). Names and kinds are aspirate's, because templates see them: an empty
/// dictionary is false to <c>if</c>, and a key of a dictionary is found by name.
/// </summary>
public sealed class ResourceData
{
    public string? Name { get; init; }

    public string? Namespace { get; init; }

    public Dictionary<string, string> Env { get; init; } = [];

    /// <summary>Filled even where secrets are disabled: by their names a template keeps them out of ConfigMaps.</summary>
    public Dictionary<string, string> Secrets { get; init; } = [];

    public Dictionary<string, string> Annotations { get; init; } = [];

    public IReadOnlyCollection<VolumeData> Volumes { get; init; } = [];

    public IReadOnlyCollection<PortData> Ports { get; init; } = [];

    public IReadOnlyCollection<string> Manifests { get; init; } = [];

    public IReadOnlyCollection<string> Args { get; init; } = [];

    public bool? SecretsDisabled { get; init; } = true;

    public bool? IsProject { get; init; }

    public bool? WithPrivateRegistry { get; init; } = false;

    public bool? WithDashboard { get; init; } = false;

    public string? ContainerImage { get; init; }

    public string? Entrypoint { get; init; }

    public string? ImagePullPolicy { get; init; }

    public string? ServiceType { get; init; } = "ClusterIP";

    public bool HasPorts => Ports.Count > 0;

    public bool HasVolumes => Volumes.Count > 0;

    public bool HasAnySecrets => Secrets.Count > 0 && SecretsDisabled != true;

    public bool HasAnyAnnotations => Annotations.Count > 0;

    public bool HasArgs => Args.Count > 0;

    public bool HasAnyEnv => Env.Count > 0;

    public bool WithNamespace => !string.IsNullOrWhiteSpace(Namespace);
}

/// <summary>A volume of a container.</summary>
public sealed record VolumeData(string Name, string Target, bool ReadOnly);

/// <summary>A port: where the container listens, and what the Service shows (0: the same).</summary>
public sealed record PortData(string Name, int InternalPort, int ExternalPort);
