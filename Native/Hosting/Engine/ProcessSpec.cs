namespace Aspire.Hosting.Engine;

/// <summary>A process to be started.</summary>
internal sealed record ProcessSpec(string Command, IReadOnlyList<string> Arguments, string WorkingDirectory)
{
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Variables of this process that are not handed down.</summary>
    public static readonly IReadOnlyList<string> NotInherited =
        ["ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS", "DOTNET_LAUNCH_PROFILE", "DOTNET_HOST_PATH", "MSBuildExtensionsPath"];

    /// <summary>The signal that asks for an orderly end.</summary>
    public int StopSignal { get; init; } = Unix.SigTerm;

    /// <summary>Ask the whole group, or only the process itself (which then ends its own children).</summary>
    public bool StopGroup { get; init; } = true;

    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The user to become; null for one's own.</summary>
    public (int User, int Group)? RunAs { get; init; }

    /// <summary>What the command line looks like to somebody who reads the resource's properties.</summary>
    public string DisplayPath { get; init; } = Command;
}
