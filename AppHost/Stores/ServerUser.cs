namespace AppHost.Stores;

/// <summary>Who PostgreSQL runs as: the user of the AppHost, but never root, which it refuses.</summary>
/// <param name="Name">An unprivileged user; null: the current one.</param>
internal sealed record ServerUser(string? Name)
{
    private static readonly string[] Unprivileged = ["postgres", "nobody"];
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <exception cref="StoreException">Root runs this, and there is no user to hand PostgreSQL to.</exception>
    public static async Task<ServerUser> FindAsync(CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess || OperatingSystem.IsWindows())
        {
            return new ServerUser(Name: null);
        }

        foreach (var name in Unprivileged)
        {
            var user = new ServerUser(name);
            if (await Tool.TryRunAsync(user.Command("true"), Limit, cancellationToken) is { ExitCode: 0 })
            {
                return user;
            }
        }

        throw new StoreException(
            "PostgreSQL does not run as root, and setpriv cannot hand it to a user 'postgres' or 'nobody' here. Run as an ordinary user, or choose --Stores=containers.");
    }

    /// <summary>The command as this user runs it.</summary>
    public string[] Command(params string[] command) =>
        Name is null ? command : ["setpriv", $"--reuid={Name}", $"--regid={Group}", "--clear-groups", "--", .. command];

    /// <summary>Debian's group of nobody has a name of its own.</summary>
    private string Group => Name == "nobody" ? "65534" : Name!;
}
