namespace Aspire.Hosting.Engine;

/// <summary>How this run differs from another: set by who builds the application, not by configuration.</summary>
internal sealed record EngineOptions
{
    public required string AppHostDirectory { get; init; }

    /// <summary>What the dashboard calls it.</summary>
    public string ApplicationName { get; init; } = string.Empty;

    /// <summary>Whether somebody can ask for more or fewer replicas while it runs: then every project's address is a balancer's from the start.</summary>
    public bool IsScalable { get; init; }

    /// <summary>Fixed ports are for people; tests run several applications side by side.</summary>
    public bool RandomizePorts { get; init; }

    /// <summary>Whether each line of a resource's output is logged by this process too.</summary>
    public bool LogResources { get; init; }

    /// <summary>The built files of referenced projects by project file, as the build recorded them.</summary>
    public IReadOnlyDictionary<string, string> ProjectOutputs { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
