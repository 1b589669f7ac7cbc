using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using Contracts.Layouts;
using Layouts.Admin;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Layouts.CommandLine;

/// <summary>What <c>autopilot start</c> takes.</summary>
internal sealed class AutopilotSettings : ChangeSettings
{
    [CommandOption("--shards <N>")]
    [Description("Message shards of a room, 1 to 64. Default: as it is. Another number only from legacy or shadow.")]
    public int? Shards { get; init; }

    [CommandOption("--rehearse")]
    [Description("The autopilot's dry run: gates are looked at and decisions written, and nothing is done.")]
    public bool Rehearse { get; init; }
}

/// <summary>Hands a scope to the autopilot. Waiting for it takes long: every stage has a soak.</summary>
internal sealed class AutopilotStartCommand(CommandEnvironment environment) : ChangeCommand<AutopilotSettings>(environment)
{
    protected override Ask AskOf(AutopilotSettings settings, string by) => new(
        HttpMethod.Put,
        AdminRoutes.Autopilot,
        JsonSerializer.Serialize(
            new AutopilotRequest(settings.Scope, settings.Shards, settings.Rehearse, settings.Reason, by), AdminJsonContext.Default.AutopilotRequest));
}

internal sealed class AutopilotStopCommand(CommandEnvironment environment) : TakeCommand(environment)
{
    protected override string Taken => "is no longer on autopilot";

    protected override Task<Answer<LayoutPlan>> TakeAsync(AdminClient client, string scope, CancellationToken cancellationToken) => client.StopAutopilotAsync(scope, cancellationToken);
}

internal sealed class AutopilotStatusCommand(CommandEnvironment environment) : NodeCommand<StatusSettings>(environment)
{
    protected override async Task<int> RunAsync(AdminClient client, StatusSettings settings, CancellationToken cancellationToken)
    {
        var answer = await client.AutopilotsAsync(settings.Scope, cancellationToken);
        if (answer.Value is not { } view)
        {
            return Refuse(client, answer.Problem, answer.Unreachable);
        }

        if (settings.Json)
        {
            WriteJson(answer.Json);
        }
        else if (view.Scopes.Count == 0)
        {
            Console.WriteLine(settings.Scope is { } scope ? $"{scope} is not on autopilot." : "No scope is on autopilot. 'layout autopilot start' hands one to it.");
        }
        else
        {
            foreach (var row in view.Scopes)
            {
                Write(row, view.By);
            }
        }

        return ExitCodes.Done;
    }

    private void Write(AutopilotRow row, string? driver)
    {
        Console.MarkupLineInterpolated($"[bold]{row.Scope}[/]: {row.Layout} -> {row.Goal}{(row.IsDry ? ", a rehearsal: nothing is done" : "")}");
        Console.MarkupLineInterpolated($"  asked by {row.By} at {row.At.UtcDateTime:MM-dd HH:mm:ss} UTC{(row.Reason is null ? "" : $": {row.Reason}")}");
        if (row.Ladder.Count > 0)
        {
            Console.MarkupLineInterpolated($"  on the way: {string.Join(" -> ", row.Ladder)}");
        }

        if (row.Status is not { } status)
        {
            Console.MarkupLineInterpolated($"  [yellow]nothing is known yet:[/] {(driver is null ? "no node that drives has reported" : $"{driver} has not reported it")}; ask again in a few seconds");
            return;
        }

        var soak = status.SoakSeconds == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" for {status.SoakedSeconds:0} of {status.SoakSeconds:0} s");

        // A scope that follows a wider one is given the same layout as a record of its own first.
        var next = status.Next == status.Stage ? "that by a record of its own" : status.Next ?? "done";
        Console.MarkupLineInterpolated($"  in {status.Stage}{soak}, then {next}: {status.Verdict}. {status.Text}");
        if (status.Gates.Count > 0)
        {
            Console.Write(Gates(status.Gates));
        }
    }

    private static Table Gates(IReadOnlyList<GateStatus> gates)
    {
        var table = LayoutTables.Table("*Gate", "*Says", "Figure", "Bound", "Why");
        foreach (var gate in gates)
        {
            table.AddRow(
                LayoutTables.Cell(gate.Name),
                new Text(gate.Verdict, Colour(gate.Verdict)),
                LayoutTables.Cell(Figure(gate.Value, gate.Unit)),
                LayoutTables.Cell(Figure(gate.Bound, gate.Unit)),
                LayoutTables.Cell(gate.Text));
        }

        return table;
    }

    private static Style Colour(string verdict) => verdict switch
    {
        GateVerdicts.Holds => new Style(Color.Green),
        GateVerdicts.Broken => new Style(Color.Red),
        _ => new Style(Color.Yellow),
    };

    private static string Figure(double? value, string unit) => value is not { } figure ? ""
        : unit == "s" ? string.Create(CultureInfo.InvariantCulture, $"{figure * 1000:0.##} ms")
        : figure.ToString("0.#####", CultureInfo.InvariantCulture);
}
