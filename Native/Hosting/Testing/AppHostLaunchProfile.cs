using System.Reflection;
using Aspire.Hosting.Engine;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>The environment that "dotnet run" would give an AppHost, from its first launch profile, as configuration.</summary>
internal static class AppHostLaunchProfile
{
    public static void Apply(Assembly assembly, string[] args, HostApplicationBuilderSettings settings)
    {
        var given = new ConfigurationManager();
        given.AddCommandLine(args);
        var directory = AppHostInfo.Of(new DistributedApplicationOptions(), assembly).Directory;
        var project = new ProjectByPath(Path.Combine(directory, $"{assembly.GetName().Name}.csproj"));
        var options = new ProjectResourceOptions { LaunchProfileName = given["DOTNET_LAUNCH_PROFILE"] };
        if (LaunchProfiles.Effective(project, given, options) is not { } profile)
        {
            return;
        }

        settings.Configuration ??= new ConfigurationManager();
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { ["DOTNET_LAUNCH_PROFILE"] = profile.Name };
        foreach (var (name, value) in profile.Profile.EnvironmentVariables)
        {
            values[name] = value;
            if (name.StartsWith("DOTNET_", StringComparison.OrdinalIgnoreCase))
            {
                values[name["DOTNET_".Length..]] = value;
            }
        }

        settings.Configuration.AddInMemoryCollection(values.Where(v => given[v.Key] is null));
        settings.EnvironmentName ??= values.GetValueOrDefault("ENVIRONMENT");
    }
}
