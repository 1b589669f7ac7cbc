using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Engine;

/// <summary>Which profile of a project's launchSettings.json applies: the named one, the AppHost's own by the same name, else the first.</summary>
internal static class LaunchProfiles
{
    private static readonly JsonSerializerOptions Lenient = new() { ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public static (string Name, LaunchProfile Profile)? Effective(IProjectMetadata project, IConfiguration configuration, ProjectResourceOptions options)
    {
        if (options.ExcludeLaunchProfile || Read(project) is not { } settings)
        {
            return null;
        }

        if (options.LaunchProfileName is { } wanted)
        {
            return settings.Profiles.TryGetValue(wanted, out var named)
                ? (wanted, named)
                : throw new DistributedApplicationException($"{project.ProjectPath} has no launch profile '{wanted}'.");
        }

        var fromAppHost = configuration["AppHost:DefaultLaunchProfileName"] ?? configuration["DOTNET_LAUNCH_PROFILE"];
        if (fromAppHost is not null && settings.Profiles.TryGetValue(fromAppHost, out var same))
        {
            return (fromAppHost, same);
        }

        var first = settings.Profiles.FirstOrDefault(p => p.Value.CommandName == "Project");
        return first.Value is null ? null : (first.Key, first.Value);
    }

    private static LaunchSettings? Read(IProjectMetadata project)
    {
        if (project.LaunchSettings is { } given)
        {
            return given;
        }

        var path = Path.Combine(Path.GetDirectoryName(project.ProjectPath)!, "Properties", "launchSettings.json");
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<LaunchSettings>(File.ReadAllText(path), Lenient);
        }
        catch (JsonException e)
        {
            throw new DistributedApplicationException($"{path} cannot be read: {e.Message}", e);
        }
    }
}
