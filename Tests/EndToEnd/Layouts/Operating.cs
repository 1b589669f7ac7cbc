using Aspire.Hosting.Testing;
using Contracts;
using Contracts.Dbman;
using Contracts.Layouts;
using Layouts.CommandLine;
using Layouts.Steps;
using Spectre.Console;
using StackExchange.Redis;
using Tests.Infrastructure;

namespace Tests.EndToEnd.Layouts;

/// <summary>What an operator has: the command line, at the balanced address of realtime. Beside it a test reads dbman and Redis directly.</summary>
internal sealed class Operating : IDisposable
{
    private readonly RunningSystem _system;
    private readonly string _key;
    private readonly string _redis;
    private readonly HttpClient _dbman;

    private Operating(RunningSystem system, string key, HttpClient dbman, string redis)
    {
        _system = system;
        _key = key;
        _redis = redis;
        _dbman = dbman;
        Plane = new DbmanClient(dbman).Layouts;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public LayoutsClient Plane { get; }

    public static async Task<Operating> StartAsync(RunningSystem system, CancellationToken cancellationToken) => new(
        system,
        await system.KeyAsync(ServiceNames.Operator, cancellationToken),
        await system.ServiceAsync(ServiceNames.Realtime, ServiceNames.Dbman, cancellationToken),
        await system.App.GetConnectionStringAsync(ServiceNames.Redis, cancellationToken) ?? throw new InvalidOperationException("Redis has no connection string."));

    /// <summary>One command of the runbook. Retried when a node is unavailable, as an operator would.</summary>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var text = "";
        await Eventually.ClearAsync(async () =>
        {
            (var code, text) = await OnceAsync(arguments);
            if (code == ExitCodes.Unreachable || (code == ExitCodes.Refused && text.Contains("503", StringComparison.Ordinal)))
            {
                return $"'layout {string.Join(' ', arguments)}' ends with {code}: {text}";
            }

            Assert.True(code == ExitCodes.Done, $"'layout {string.Join(' ', arguments)}' ends with {code}: {text}");
            return null;
        });
        return text;
    }

    /// <summary>Name of the node that a stopped process is: the one that no longer sends heartbeats, while others do.</summary>
    public async Task<string> SilentAsync()
    {
        var silent = "";
        await Eventually.ClearAsync(async () =>
        {
            var nodes = await NodesAsync();
            var live = nodes.Nodes.Where(static node => node.IsLive).ToArray();
            var quiet = live.Where(static node => node.SeenMilliseconds > 2_000).ToArray();
            silent = quiet.Length == 1 && live.Length > 1 ? quiet[0].Node : "";
            return silent.Length > 0 ? null : $"nobody is silent alone: {Describe(nodes)}";
        });
        return silent;
    }

    /// <summary>Who drives.</summary>
    public async Task<string> DriverAsync()
    {
        string? driver = null;
        await Eventually.ClearAsync(async () =>
        {
            var lease = await Plane.GetDriverAsync(Token);
            driver = lease.IsSuccess ? lease.Value.Holder : null;
            return driver is null ? "nobody drives" : null;
        });
        return driver!;
    }

    /// <summary>Waits until the step before the next one waits for that node.</summary>
    public Task WaitsForAsync(string node) => Eventually.ClearAsync(async () =>
    {
        var nodes = await NodesAsync();
        return Laggards.Of(nodes).Any(late => late.Node == node) ? null : $"no step waits for {node}: {Describe(nodes)}";
    });

    /// <summary>Waits until so many nodes hold a lease and have applied the newest record.</summary>
    public Task AllWellAsync(int nodes) => Eventually.ClearAsync(async () =>
    {
        var seen = await NodesAsync();
        return seen.Nodes.Count(node => node.IsLive && node.Applied == seen.Revision && node.SeenMilliseconds < 2_000) == nodes ? null : Describe(seen);
    });

    /// <summary>Waits until only so many nodes have a lease.</summary>
    public Task LiveAsync(int nodes) => Eventually.ClearAsync(async () => await NodesAsync() is var seen && seen.Nodes.Count(static node => node.IsLive) == nodes ? null : Describe(seen));

    /// <summary>The node beside that one.</summary>
    public async Task<string> OtherAsync(string node) => (await NodesAsync()).Nodes.Single(other => other.IsLive && other.Node != node).Node;

    /// <summary>What the admin API does for a rollback to legacy.</summary>
    public Task AskForLegacyAsync(string tenant) => Eventually.ClearAsync(async () =>
        (await Plane.SetGoalAsync(new SetLayoutGoalRequest(new LayoutScope(tenant), LayoutRules.Initial, Autopilot: false, "tests", null), Token)).Problem?.ToString());

    /// <summary>Waits until that goal is reached.</summary>
    public Task IsLegacyAsync(string tenant) => Eventually.ClearAsync(async () =>
    {
        var goals = await Plane.GetGoalsAsync(Token);
        var layouts = await Plane.GetAsync(0, Token);
        return !goals.IsSuccess || !layouts.IsSuccess ? "dbman does not answer"
            : goals.Value.Goals.Count > 0 ? $"the goal is left; {Describe(await NodesAsync())}"
            : layouts.Value.Records.Single(record => record.Scope == new LayoutScope(tenant)).State is { Stage: LayoutStages.Legacy } ? null
            : "the layout is another one";
    });

    public async Task<long> RevisionAsync() => (await NodesAsync()).Revision;

    /// <summary>Waits until a record was added behind that one: a step is being made.</summary>
    public Task StepAsync(long behind) => Eventually.ClearAsync(async () => await RevisionAsync() > behind ? null : $"the newest record is still {behind}");

    /// <summary>What there is to know when something went wrong.</summary>
    public async Task<string> DescribeAsync()
    {
        var history = await Plane.GetHistoryAsync(before: null, 30, Token);
        return $"{Describe(await NodesAsync())}\n{(history.IsSuccess ? string.Join('\n', history.Value.Items) : history.Problem)}\n{(await OnceAsync("status")).Output}\n{(await OnceAsync("history", "--decisions")).Output}";
    }

    /// <summary>Waits until exactly these channels of a tenant are listened to, as Redis has it.</summary>
    public async Task ListenAsync(string tenant, IReadOnlyList<string> channels)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(_redis + ",allowAdmin=true,abortConnect=false");
        await Eventually.ClearAsync(async () =>
        {
            var answer = (RedisResult[])(await redis.GetServer(redis.GetEndPoints()[0]).ExecuteAsync("PUBSUB", "CHANNELS", $"tenant:{tenant}:*"))!;
            string[] seen = [.. answer.Select(static channel => (string)channel!)];
            return seen.ToHashSet(StringComparer.Ordinal).SetEquals(channels) ? null : $"[{string.Join(' ', seen.Order(StringComparer.Ordinal))}] are listened to";
        });
    }

    public void Dispose() => _dbman.Dispose();

    private static string Describe(NodesResponse nodes) => $"revision {nodes.Revision}; {string.Join(" | ", nodes.Nodes.Take(8))}";

    private async Task<NodesResponse> NodesAsync()
    {
        NodesResponse? nodes = null;
        await Eventually.ClearAsync(async () =>
        {
            var answer = await Plane.GetNodesAsync(Token);
            nodes = answer.IsSuccess ? answer.Value : null;
            return answer.Problem?.ToString();
        });
        return nodes!;
    }

    private async Task<(int Code, string Output)> OnceAsync(params string[] arguments)
    {
        await using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 400;
        var environment = new CommandEnvironment(console, name => name == Connection.KeyVariable ? _key : null, new StringReader(""), TimeProvider.System, Path.GetTempPath());
        var code = await LayoutCommandLine.RunAsync([.. arguments, "--url", _system.Address(ServiceNames.Realtime).ToString()], environment, Token);
        return (code, output.ToString());
    }
}
