using Microsoft.Extensions.Configuration;

namespace AppHost.Stores;

/// <summary>What PostgreSQL and Redis run as.</summary>
internal enum StoreKind
{
    /// <summary>Programs that this machine has.</summary>
    Installed,

    /// <summary>Containers, by an engine that answers.</summary>
    Containers,

    /// <summary>Programs that npm fetches once; Redis as installed, else Garnet.</summary>
    Fetched,
}

/// <summary>
/// How the stores run here: as <c>--Stores</c> says, else by the first way that works: installed programs, containers, fetched programs. An engine
/// counts when it answers: a client without its engine is common, and would leave everything waiting.
/// </summary>
/// <param name="Kind">The way.</param>
/// <param name="Postgres">PostgreSQL's programs; null for containers.</param>
/// <param name="User">Who PostgreSQL runs as; null for containers.</param>
/// <param name="Folder">Where data live; empty for containers.</param>
internal sealed record StoreChoice(StoreKind Kind, PostgresPrograms? Postgres, ServerUser? User, string Folder)
{
    public const string KindSetting = "Stores";
    public const string FolderSetting = "StoreFolder";

    private static readonly TimeSpan EngineLimit = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan NpmLimit = TimeSpan.FromSeconds(10);

    /// <param name="configuration">May name the kind and the folder.</param>
    /// <param name="state">The folder where there is no other.</param>
    /// <param name="report">Is given a line when something takes long.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreException">No way works, or not the asked one; the message says how to get each.</exception>
    public static async Task<StoreChoice> MakeAsync(IConfiguration configuration, string state, Action<string> report, CancellationToken cancellationToken)
    {
        var wanted = configuration[KindSetting];
        StoreKind? asked = Enum.TryParse<StoreKind>(wanted, ignoreCase: true, out var kind) ? kind
            : string.IsNullOrEmpty(wanted) ? null
            : throw new StoreException($"--{KindSetting}={wanted} is not known: installed, containers or fetched.");

        if (asked is null or StoreKind.Installed)
        {
            if (await PostgresPrograms.FindInstalledAsync(cancellationToken) is { } installed)
            {
                return await OnThisMachineAsync(StoreKind.Installed, (_, _) => Task.FromResult(installed));
            }
        }

        var engine = "not asked";
        if (asked is null or StoreKind.Containers)
        {
            engine = await AskEngineAsync(configuration["ASPIRE_CONTAINER_RUNTIME"], cancellationToken);
            if (engine.Length == 0)
            {
                return new StoreChoice(StoreKind.Containers, Postgres: null, User: null, Folder: string.Empty);
            }
        }

        if (asked is StoreKind.Fetched || (asked is null && await Tool.TryRunAsync(["npm", "--version"], NpmLimit, cancellationToken) is { ExitCode: 0 }))
        {
            return await OnThisMachineAsync(StoreKind.Fetched, (folder, token) => PostgresPrograms.FetchAsync(folder, report, token));
        }

        throw new StoreException(
            "There is no PostgreSQL to start. Do one of these: install PostgreSQL 14 or later (apt-get install postgresql, brew install postgresql); "
            + $"start Docker or Podman ({engine}); or install npm, which fetches PostgreSQL's programs for this clone alone. "
            + $"{(asked is null ? string.Empty : $"--{KindSetting}={wanted} forbids the other ways.")}".TrimEnd());

        async Task<StoreChoice> OnThisMachineAsync(StoreKind how, Func<string, CancellationToken, Task<PostgresPrograms>> find)
        {
            var user = await ServerUser.FindAsync(cancellationToken);
            var folder = StoreFolder.Create(configuration[FolderSetting] ?? Path.Combine(state, "stores"), user);
            return new StoreChoice(how, await find(folder, cancellationToken), user, folder);
        }
    }

    /// <summary>Empty when an engine answers, else what was found.</summary>
    private static async Task<string> AskEngineAsync(string? named, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        foreach (var engine in named is null ? (string[])["docker", "podman"] : [named])
        {
            switch (await Tool.TryRunAsync([engine, "info"], EngineLimit, cancellationToken))
            {
                case { ExitCode: 0 }:
                    return string.Empty;
                case { ExitCode: null }:
                    found.Add($"{engine} did not answer within {EngineLimit.TotalSeconds:0} s");
                    break;
                case null:
                    found.Add($"{engine} is not installed");
                    break;
                default:
                    found.Add($"{engine} is installed, but its engine does not run");
                    break;
            }
        }

        return string.Join(", ", found);
    }
}
