using System.Text.Json;
using Contracts;
using Contracts.Layouts;
using Layouts.CommandLine;
using Realtime.Node;
using Spectre.Console;
using Tests.Infrastructure;
using Tests.Layouts.Driving;
using Tests.Realtime;

namespace Tests.Layouts.CommandLine;

/// <summary>The command line against a running node: exit codes, JSON, waiting.</summary>
public sealed class LayoutCommandLineTests(DataServers servers, SharedDriver shared) : IClassFixture<SharedDriver>
{
    private const string KeyVariable = "OPERATOR_KEY";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AScopeWalksToShardsReshardsAndComesBack()
    {
        await using var rig = await DriverRig.StartAsync(servers, nodes: 1);
        var scope = rig.Scope.ToString();

        var (code, output) = await RunAsync(rig, "plan", "complete", "--scope", scope, "--shards", "8");
        Assert.Equal(0, code);
        Assert.Contains("cutover/listen (8", output, StringComparison.Ordinal);
        Assert.Empty(await rig.HistoryAsync());

        (code, output) = await RunAsync(rig, "canary", "--scope", scope, "--percent", "12.5", "--yes", "--wait", "--reason", "a try");
        Assert.True(code == 0, output);
        Assert.Contains($"Reached: {scope} is canary (4 shards, 12.5 % of rooms)", output, StringComparison.Ordinal);

        (code, output) = await RunAsync(rig, "complete", "--scope", scope, "--yes", "--wait", "60s");
        Assert.True(code == 0, output);
        (code, output) = await RunAsync(rig, "reshard", "--scope", scope, "--shards", "16", "--yes", "--wait", "00:01:00");
        Assert.True(code == 0, output);
        (code, output) = await RunAsync(rig, "rollback", "--scope", scope, "--to", "legacy", "--yes", "--wait");
        Assert.True(code == 0, output);
        Assert.Contains($"Reached: {scope} is legacy (16 shards)", output, StringComparison.Ordinal);

        (code, output) = await RunAsync(rig, "history", "--limit", "50");
        Assert.Equal(0, code);
        Assert.Contains("sharded/widen", output, StringComparison.Ordinal);
        Assert.Contains("a try", output, StringComparison.Ordinal);
        (code, output) = await RunAsync(rig, "history", "--decisions");
        Assert.Equal(0, code);
        Assert.Contains("reached", output, StringComparison.Ordinal);
        (code, output) = await RunAsync(rig, "nodes");
        Assert.Equal(0, code);
        Assert.Contains(rig.Nodes[0].Get<NodeAgent>().Node, output, StringComparison.Ordinal);
        (code, output) = await RunAsync(rig, "status");
        Assert.Equal(0, code);
        Assert.Contains("Driver:", output, StringComparison.Ordinal);
        (code, output) = await RunAsync(rig, "hot");
        Assert.Equal(0, code);
        Assert.Contains("No room is busy", output, StringComparison.Ordinal);
        (code, output) = await RunAsync(rig, "proposals");
        Assert.Equal(0, code);
        Assert.Contains("What an event costs Redis is not", output, StringComparison.Ordinal);
        Assert.Contains("Planner:Apply is off", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheAutopilotIsStartedShownAndStopped()
    {
        await using var rig = await DriverRig.StartAsync(servers, nodes: 1);
        var scope = rig.Scope.ToString();
        var (code, output) = await RunAsync(rig, "autopilot", "status");
        Assert.Equal(0, code);
        Assert.Contains("No scope is on autopilot", output, StringComparison.Ordinal);

        // A rung for each share of canaries.
        (code, output) = await RunAsync(rig, "autopilot", "start", "--scope", scope, "--dry-run");
        Assert.True(code == 0, output);
        Assert.Contains("canary (4 shards, 1 % of rooms)", output, StringComparison.Ordinal);
        Assert.Contains("canary (4 shards, 25 % of rooms)", output, StringComparison.Ordinal);
        Assert.Empty((await rig.Plane.GetGoalsAsync(Token)).Value.Goals);

        // Legacy has no gates to be shown.
        (code, output) = await RunAsync(rig, "shadow", "--scope", scope, "--shards", "8", "--yes", "--wait");
        Assert.True(code == 0, output);
        (code, output) = await RunAsync(rig, "autopilot", "start", "--scope", scope, "--rehearse", "--yes", "--reason", "for a look");
        Assert.True(code == 0, output);
        var goal = Assert.Single((await rig.Plane.GetGoalsAsync(Token)).Value.Goals);
        Assert.True(goal.Autopilot && goal.IsDry);
        Assert.Equal(8, goal.Target!.Shards);

        // The driver reports with its next figures.
        await Eventually.ClearAsync(async () =>
        {
            (code, output) = await RunAsync(rig, "autopilot", "status", "--scope", scope);
            return code == 0 && output.Contains("slow-consumers", StringComparison.Ordinal) ? null : output;
        });
        Assert.Contains("a rehearsal: nothing is done", output, StringComparison.Ordinal);
        Assert.Contains("for a look", output, StringComparison.Ordinal);
        Assert.Contains("on the way: ", output, StringComparison.Ordinal);

        (code, output) = await RunAsync(rig, "autopilot", "stop", "--scope", scope);
        Assert.True(code == 0, output);
        Assert.Empty((await rig.Plane.GetGoalsAsync(Token)).Value.Goals);
        (code, output) = await RunAsync(rig, "autopilot", "status", "--scope", scope);
        Assert.Equal(0, code);
        Assert.Contains($"{scope} is not on autopilot.", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status", "--json")]
    [InlineData("nodes", "--json")]
    [InlineData("history", "--json")]
    [InlineData("history", "--decisions", "--json")]
    [InlineData("hot", "--json")]
    [InlineData("proposals", "--json")]
    [InlineData("plan", "sharded", "--json")]
    [InlineData("autopilot", "status", "--json")]
    [InlineData("autopilot", "start", "--dry-run", "--json")]
    [InlineData("shadow", "--dry-run", "--json")]
    public async Task JsonIsAllThatIsWritten(params string[] arguments)
    {
        await WritesJsonAloneAsync(shared.Rig, arguments);
        Assert.Empty((await shared.Rig.Plane.GetGoalsAsync(Token)).Value.Goals);
    }

    [Theory]
    [InlineData("autopilot", "start", "--rehearse", "--yes", "--json")]
    [InlineData("shadow", "--yes", "--json")]
    [InlineData("shadow", "--yes", "--wait", "--json")]
    public async Task JsonIsAllThatIsWritten_WhereSomethingIsChanged(params string[] arguments)
    {
        await using var rig = await DriverRig.StartAsync(servers, nodes: 1);
        await WritesJsonAloneAsync(rig, arguments);
    }

    [Theory]
    [InlineData(1, "rollback", "--yes")]
    [InlineData(1, "clear")]
    [InlineData(1, "autopilot", "stop")]
    [InlineData(2, "autopilot")]
    [InlineData(2, "autopilot", "start")]
    [InlineData(2, "autopilot", "start", "--shards", "65", "--yes")]
    [InlineData(2, "autopilot", "status", "--scope", "a/b/c")]
    [InlineData(2, "fly")]
    [InlineData(2, "status", "--nonsense")]
    [InlineData(2, "shadow", "--scope", "a/b/c", "--yes")]
    [InlineData(2, "hot", "--limit", "0")]
    [InlineData(2, "canary", "--yes")]
    [InlineData(2, "canary", "--percent", "101", "--yes")]
    [InlineData(2, "shadow", "--yes", "--dry-run")]
    [InlineData(2, "shadow", "--yes", "--wait", "soon")]
    [InlineData(2, "reshard", "--shards", "65", "--yes")]
    [InlineData(2, "reshard", "--yes")]
    [InlineData(2, "shadow")]
    [InlineData(2, "shadow", "--json")]
    public async Task ExitCodesTellWhatWentWrong(int expected, params string[] arguments)
    {
        var (code, output) = await RunAsync(shared.Rig, arguments);
        Assert.True(code == expected, $"{code}: {output}");
        Assert.Empty((await shared.Rig.Plane.GetGoalsAsync(Token)).Value.Goals);
    }

    [Fact]
    public async Task AChangeIsMade_WhenItIsConfirmed()
    {
        await using var rig = await DriverRig.StartAsync(servers, nodes: 1);
        var (code, output) = await RunAsync(rig, EnvironmentOf("y\n"), "shadow", "--scope", rig.Scope.ToString());
        Assert.True(code == 0, output);
        await rig.ArrivedAsync("shadow (4 shards)");
    }

    [Fact]
    public async Task WaitingEndsAndNamesTheNode_WhenItLags()
    {
        await using var rig = await DriverRig.StartAsync(servers);
        var driver = await rig.DriverAsync();
        var late = rig.Nodes.Single(node => node != driver);
        rig.WireOf(late).Rule = static request => PlaneWire.IsHeartbeat(request) ? PlaneWire.Fault.Refused : null;

        var (code, output) = await RunAsync(rig, "complete", "--scope", rig.Scope.ToString(), "--yes", "--wait", "2s");
        Assert.True(code == 3, $"{code}: {output}");
        Assert.Contains(late.Get<NodeAgent>().Node, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WaitingEnds_WhenSomebodySetsAnotherGoal()
    {
        await using var rig = await DriverRig.StartAsync(servers, nodes: 1);
        rig.WireOf(rig.Nodes[0]).Rule = static request => PlaneWire.IsChange(request) ? PlaneWire.Fault.Refused : null;
        var waiting = RunAsync(rig, "complete", "--scope", rig.Scope.ToString(), "--yes", "--wait");
        await Eventually.ClearAsync(async () => (await rig.StatusAsync()).Scopes.Single().Goal is null ? "no goal" : null);
        await rig.Plane.SetGoalAsync(new SetLayoutGoalRequest(rig.Scope, LayoutRules.Initial, Autopilot: false, "somebody else"), Token);

        var (code, output) = await waiting;
        Assert.True(code == 1, $"{code}: {output}");
        Assert.Contains("somebody else set another goal", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsMissingIsSaid()
    {
        var address = shared.Rig.Nodes[0].Address.ToString();

        var (code, output) = await RunAsync(EnvironmentOf("", key: null), "status", "--url", address);
        Assert.Equal(2, code);
        Assert.Contains(KeyVariable, output, StringComparison.Ordinal);

        (code, output) = await RunAsync(EnvironmentOf("", key: TestKeys.New().Private), "status", "--url", address);
        Assert.Equal(1, code);
        Assert.Contains("401", output, StringComparison.Ordinal);

        (code, output) = await RunAsync(EnvironmentOf("", key: "no key"), "status", "--url", address);
        Assert.Equal(2, code);
        Assert.Contains($"{KeyVariable} is no base64", output, StringComparison.Ordinal);

        (code, output) = await RunAsync(EnvironmentOf(""), "status", "--url", "http://127.0.0.1:9");
        Assert.Equal(4, code);
        Assert.Contains("No node answers at http://127.0.0.1:9/", output, StringComparison.Ordinal);

        (code, _) = await RunAsync(EnvironmentOf(""), "status", "--url", "ftp://nowhere");
        Assert.Equal(2, code);
    }

    [Fact]
    public async Task TheDevelopmentKeyIsFoundAmongTheAppHostsUserSecrets()
    {
        var secrets = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(
                secrets, JsonSerializer.Serialize(new Dictionary<string, string>(StringComparer.Ordinal) { ["Parameters:operator-key"] = TestKeys.PrivateOf(ServiceNames.Operator) }), Token);
            var (code, output) = await RunAsync(EnvironmentOf("", key: null) with { Secrets = secrets }, "status", "--url", shared.Rig.Nodes[0].Address.ToString());
            Assert.True(code == 0, output);
        }
        finally
        {
            File.Delete(secrets);
        }
    }

    [Theory]
    [InlineData(ServiceNames.Realtime, true)]
    [InlineData(ServiceNames.Chat, false)]
    public async Task InAPodTheNodesOwnKeyServes_AndNoOtherServices(string service, bool isTaken)
    {
        var environment = EnvironmentOf("", TestKeys.PrivateOf(service), "ConnectionStrings__service-key");
        var (code, output) = await RunAsync(environment, "status", "--url", shared.Rig.Nodes[0].Address.ToString());
        Assert.True(code == (isTaken ? 0 : 1), output);
    }

    [Theory]
    [InlineData(true, "status")]
    [InlineData(true, "autopilot", "status", "--json")]
    [InlineData(true, "no-such-command")]
    [InlineData(true, "--help")]
    [InlineData(false)]
    [InlineData(false, "--urls", "http://localhost:1")]
    [InlineData(false, "/urls=http://localhost:1")]
    [InlineData(false, "urls=http://localhost:1")]
    public void CommandsAreToldFromConfigurationOfTheService(bool isCommand, params string[] arguments) =>
        Assert.Equal(isCommand, LayoutCommandLine.Matches(arguments));

    private static async Task WritesJsonAloneAsync(DriverRig rig, string[] arguments)
    {
        var (code, output) = await RunAsync(rig, arguments);
        Assert.True(code == 0, output);
        using var json = JsonDocument.Parse(output);
        Assert.Equal(JsonValueKind.Object, json.RootElement.ValueKind);
    }

    private static CommandEnvironment EnvironmentOf(string input) => EnvironmentOf(input, TestKeys.PrivateOf(ServiceNames.Operator));

    private static CommandEnvironment EnvironmentOf(string input, string? key, string variable = KeyVariable) => new(
        AnsiConsole.Console, name => name == variable ? key : null, new StringReader(input), TimeProvider.System, Path.GetTempPath());

    private static Task<(int Code, string Output)> RunAsync(DriverRig rig, params string[] arguments) => RunAsync(rig, EnvironmentOf(""), arguments);

    private static Task<(int Code, string Output)> RunAsync(DriverRig rig, CommandEnvironment environment, params string[] arguments) =>
        RunAsync(environment, [.. arguments, "--url", rig.Nodes[0].Address.ToString()]);

    private static async Task<(int Code, string Output)> RunAsync(CommandEnvironment environment, params string[] arguments)
    {
        await using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 400;
        var code = await LayoutCommandLine.RunAsync(arguments, environment with { Console = console }, Token);
        return (code, output.ToString());
    }
}
