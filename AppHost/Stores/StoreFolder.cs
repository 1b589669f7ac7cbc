using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;

namespace AppHost.Stores;

/// <summary>
/// Where data and fetched programs live: the AppHost's <c>.aspire/stores</c>, or the folder that a test names. PostgreSQL's user must be able to
/// enter it. Below root's closed home it cannot: the files then live in /var/lib, and a link takes the folder's place. Removing the folder, or the
/// link, is a reset.
/// </summary>
internal static class StoreFolder
{
    private const string Elsewhere = "/var/lib/chat-stores";
    private const UnixFileMode PassBy = UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The folder's real path; it exists, and <paramref name="user"/> may enter it.</summary>
    /// <param name="wanted">An absolute path.</param>
    /// <param name="user">Who PostgreSQL runs as.</param>
    public static string Create(string wanted, ServerUser user)
    {
        if (user.Name is null || OperatingSystem.IsWindows())
        {
            return Directory.CreateDirectory(wanted).FullName;
        }

        if (new DirectoryInfo(wanted).LinkTarget is { } target && Directory.Exists(target))
        {
            return target;
        }

        for (var above = Directory.GetParent(wanted); above is not null; above = above.Parent)
        {
            if (above.Exists && !above.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
            {
                return CreateElsewhere(wanted);
            }
        }

        var folder = Directory.CreateDirectory(wanted);
        folder.UnixFileMode |= PassBy;
        return folder.FullName;
    }

    [UnsupportedOSPlatform("windows")]
    private static string CreateElsewhere(string wanted)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(wanted)))[..12];
        var actual = Path.Combine(Elsewhere, hash);
        if (Directory.Exists(actual))
        {
            Directory.Delete(actual, recursive: true); // Its clone was deleted, or the link was removed.
        }

        Directory.CreateDirectory(actual).UnixFileMode |= PassBy;
        Directory.CreateDirectory(Path.GetDirectoryName(wanted)!);
        if (new DirectoryInfo(wanted).LinkTarget is not null)
        {
            File.Delete(wanted); // To where nothing is.
        }

        Directory.CreateSymbolicLink(wanted, actual);
        return actual;
    }
}
