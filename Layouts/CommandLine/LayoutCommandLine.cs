using System.Globalization;
using Microsoft.Extensions.Configuration.UserSecrets;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Layouts.CommandLine;

/// <summary>
/// Operating layouts from a terminal: a table of contents of the commands. They call the admin API of a running node.
/// </summary>
internal static class LayoutCommandLine
{
    private const string Name = "layout";

    /// <summary>Where no terminal says how wide it is, as in a pipe: tables fit, and no name is torn apart.</summary>
    private const int DefaultWidth = 160;

    /// <summary>
    /// Whether the arguments are a command, or ask for help, and are no configuration of the service (<c>--urls=...</c>, <c>/urls=...</c>,
    /// <c>urls=...</c>). A command that does not exist is one too: it is answered with those that do, and starts no service.
    /// </summary>
    public static bool Matches(string[] args) =>
        args is ["--help" or "-h", ..] || (args is [var first, ..] && !first.StartsWith('-') && !first.StartsWith('/') && !first.Contains('='));

    public static async Task<int> RunAsync(string[] args)
    {
        using var stop = new CancellationTokenSource();
        System.Console.CancelKeyPress += (_, press) =>
        {
            press.Cancel = true;
            stop.Cancel();
        };
        if (System.Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), NumberStyles.None, CultureInfo.InvariantCulture, out var columns) && columns > 0
                ? columns
                : DefaultWidth;
        }

        return await RunAsync(args, new CommandEnvironment(AnsiConsole.Console, Environment.GetEnvironmentVariable, System.Console.In, TimeProvider.System, PathHelper.GetSecretsPathFromSecretsId(Connection.AppHostSecrets)), stop.Token);
    }

    /// <summary>The same in an environment of the caller's.</summary>
    public static async Task<int> RunAsync(string[] args, CommandEnvironment environment, CancellationToken cancellationToken)
    {
        var app = new CommandApp();
        app.Configure(configuration =>
        {
            configuration.SetApplicationName(Name);
            configuration.ConfigureConsole(environment.Console);
            configuration.Settings.StrictParsing = true;
            configuration.Settings.Registrar.RegisterInstance(environment);
            configuration.SetExceptionHandler((exception, _) => Explain(exception, environment));
            configuration.AddCommand<StatusCommand>("status").WithDescription("Scopes, goals and what they wait for, the driver, nodes, recent decisions.");
            configuration.AddCommand<NodesCommand>("nodes").WithDescription("Nodes with what they have applied and their leases.");
            configuration.AddCommand<HistoryCommand>("history").WithDescription("Records of layouts, or with --decisions what was decided and why.");
            configuration.AddCommand<HotCommand>("hot").WithDescription("The busiest rooms, with their rates and layouts.");
            configuration.AddCommand<ProposalsCommand>("proposals").WithDescription("How many shards the planner would give to busy rooms.");
            configuration.AddCommand<ConsoleCommand>("console").WithDescription("Prints a link that opens the console, once.");
            configuration.AddCommand<PlanCommand>("plan").WithDescription("What a stage would take, step by step. Changes nothing.")
                .WithExample("plan", "sharded", "--scope", "acme", "--shards", "8");
            configuration.AddCommand<LegacyCommand>("legacy").WithDescription("One channel a room.");
            configuration.AddCommand<ShadowCommand>("shadow").WithDescription("Events go to the shards too; nobody depends on them.");
            configuration.AddCommand<CanaryCommand>("canary").WithDescription("Chosen rooms listen to the shards.")
                .WithExample("canary", "--percent", "5", "--wait");
            configuration.AddCommand<CutoverCommand>("cutover").WithDescription("All rooms listen to the shards; the legacy channel falls silent.");
            configuration.AddCommand<CompleteCommand>("complete").WithDescription("Sharded: the legacy channel is retired.");
            configuration.AddCommand<RollbackCommand>("rollback").WithDescription("Back to the stage before, or to the one that --to names.")
                .WithExample("rollback", "--to", "legacy", "--yes", "--wait");
            configuration.AddCommand<ReshardCommand>("reshard").WithDescription("Another number of shards.")
                .WithExample("reshard", "--scope", "acme/lobby", "--shards", "16");
            configuration.AddBranch("autopilot", static autopilot =>
            {
                autopilot.SetDescription("Leads a scope to sharded by itself while its gates hold, and back when one breaks.");
                autopilot.AddCommand<AutopilotStatusCommand>("status").WithDescription("Scopes on autopilot: stage, soak, and each gate with its figure.");
                autopilot.AddCommand<AutopilotStartCommand>("start").WithDescription("Hands a scope to it.")
                    .WithExample("autopilot", "start", "--scope", "acme", "--rehearse", "--yes");
                autopilot.AddCommand<AutopilotStopCommand>("stop").WithDescription("Takes the scope from it: the layout stays where it is.");
            });
            configuration.AddCommand<GiveUpCommand>("give-up").WithDescription("The scope follows the wider layout again.");
            configuration.AddCommand<ClearCommand>("clear").WithDescription("Takes the goal away: the layout stays where it is.");
        });
        try
        {
            return await app.RunAsync(args, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Cancelled;
        }
    }

    /// <summary>Commands answer their own failures; what comes here was thrown by the parser, or is a bug.</summary>
    private static int Explain(Exception exception, CommandEnvironment environment)
    {
        if (exception is OperationCanceledException)
        {
            return ExitCodes.Cancelled;
        }

        if (exception is not CommandAppException refusal)
        {
            environment.Console.WriteException(exception);
            return ExitCodes.Refused;
        }

        if (refusal.Pretty is { } pretty)
        {
            environment.Console.Write(pretty);
        }
        else
        {
            environment.Console.MarkupLineInterpolated($"[red]Error:[/] {refusal.Message}");
        }

        return ExitCodes.Usage;
    }
}
