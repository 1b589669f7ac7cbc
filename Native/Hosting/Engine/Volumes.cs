using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Engine;

/// <summary>Where named volumes live: in the AppHost's state folder.</summary>
internal static class Volumes
{
    /// <summary>The folder of a resource's volume, or null when it has none.</summary>
    public static string? FolderOf(LaunchContext context, (int User, int Group)? runAs)
    {
        var volume = context.Resource.Annotations.OfType<ContainerMountAnnotation>().LastOrDefault(m => m.Type == ContainerMountType.Volume);
        if (volume is null)
        {
            return null;
        }

        var path = Path.Combine(context.Folder.StateFolder, "volumes", volume.Source ?? $"{context.Resource.Name}-data");
        if (runAs is { } ids && !CanReach(Path.GetDirectoryName(path)!, ids))
        {
            return Elsewhere(context, path);
        }

        return Directory.CreateDirectory(path).FullName;
    }

    /// <summary>
    /// Run by root, below root's own folder, which the server's user cannot enter: the data goes to the system's folder for such files, and a link
    /// stands in its place.
    /// </summary>
    private static string Elsewhere(LaunchContext context, string path)
    {
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(path)))[..12];
        var actual = Directory.CreateDirectory($"/var/lib/aspire-native/{Path.GetFileName(path)}-{hash}").FullName;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!Path.Exists(path))
        {
            File.CreateSymbolicLink(path, actual);
        }

        EngineLog.VolumeElsewhere(context.Logger, Path.GetFileName(path), actual, context.Folder.StateFolder);
        return actual;
    }

    private static bool CanReach(string folder, (int User, int Group) ids)
    {
        for (var current = new DirectoryInfo(folder); current is not null; current = current.Parent)
        {
            if (current.Exists && !current.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
            {
                return ids.User == 0;
            }
        }

        return true;
    }
}
