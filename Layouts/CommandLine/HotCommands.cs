using System.ComponentModel;
using System.Globalization;
using Contracts.Layouts;
using Layouts.Admin;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Layouts.CommandLine;

internal sealed class HotSettings : NodeSettings
{
    [CommandOption("-n|--limit <COUNT>")]
    [Description("How many rooms, hottest first; 1 to 500. Default: 20.")]
    [DefaultValue(20)]
    public int Limit { get; init; } = 20;

    public override ValidationResult Validate() => Limit is >= 1 and <= 500 ? ValidationResult.Success() : ValidationResult.Error("--limit: 1 to 500.");
}

internal sealed class HotCommand(CommandEnvironment environment) : NodeCommand<HotSettings>(environment)
{
    protected override async Task<int> RunAsync(AdminClient client, HotSettings settings, CancellationToken cancellationToken)
    {
        var answer = await client.HotAsync(settings.Limit, cancellationToken);
        if (answer.Value is not { } hot)
        {
            return Refuse(client, answer.Problem, answer.Unreachable);
        }

        if (settings.Json)
        {
            WriteJson(answer.Json);
        }
        else if (hot.Rooms.Count == 0)
        {
            Console.MarkupLine("No room is busy, or nodes have not counted for a whole window yet.");
        }
        else
        {
            Console.Write(Table(hot));
        }

        return ExitCodes.Done;
    }

    private static Table Table(HotRoomsView hot)
    {
        var table = LayoutTables.Table("*Room", "Messages/s", "Events/s", "Subscribers", "*Layout", "of", "Messages/s a shard");
        foreach (var room in hot.Rooms)
        {
            table.AddRow(
                LayoutTables.Cell(room.Room),
                Number(room.MessagesPerSecond),
                Number(room.EventsPerSecond),
                LayoutTables.Cell(room.Subscribers.ToString(CultureInfo.InvariantCulture)),
                LayoutTables.Cell(room.Layout),
                LayoutTables.Cell(room.Scope),
                Number(room.MessagesPerShard));
        }

        return table;
    }

    private static Text Number(double value) => LayoutTables.Cell(value.ToString("0.#", CultureInfo.InvariantCulture));
}

internal sealed class ProposalsCommand(CommandEnvironment environment) : NodeCommand<NodeSettings>(environment)
{
    protected override async Task<int> RunAsync(AdminClient client, NodeSettings settings, CancellationToken cancellationToken)
    {
        var answer = await client.ProposalsAsync(cancellationToken);
        if (answer.Value is not { } view)
        {
            return Refuse(client, answer.Problem, answer.Unreachable);
        }

        if (settings.Json)
        {
            WriteJson(answer.Json);
            return ExitCodes.Done;
        }

        if (view.Proposals.Count == 0)
        {
            Console.MarkupLine("The planner proposes nothing: every busy room has as many shards as it needs, or as help it.");
        }
        else
        {
            var table = LayoutTables.Table("*Room", "*Has", "Should have", "Why", "*To follow it");
            foreach (var row in view.Proposals)
            {
                table.AddRow(
                    LayoutTables.Cell(row.Scope),
                    LayoutTables.Cell(row.Layout),
                    LayoutTables.Cell(row.Shards == 1 ? "1 shard" : $"{row.Shards} shards"),
                    LayoutTables.Cell(row.Text),
                    LayoutTables.Cell(!row.CanFollow ? "shard it first" : row.FollowsWider ? $"layout give-up --scope {row.Scope}" : $"layout reshard --scope {row.Scope} --shards {row.Shards}"));
            }

            Console.Write(table);
        }

        Write(view.Brokers);
        Console.MarkupLine(view.IsApplied ? "The planner follows its proposals by itself (Planner:Apply)." : "The planner only proposes (Planner:Apply is off).");
        return ExitCodes.Done;
    }

    private void Write(BrokerFigures? brokers)
    {
        foreach (var room in brokers?.Held ?? [])
        {
            Console.WriteLine($"{room.Tenant}/{room.Room} takes {BrokerText.Share(room.MasterShare)} of a core on its busiest Redis master; more shards would not lower it: {room.Text}");
        }

        if (brokers is { Masters.Count: > 0 })
        {
            var table = LayoutTables.Table("*Redis master", "CPU, of a core", "Commands/s");
            foreach (var master in brokers.Masters)
            {
                table.AddRow(LayoutTables.Cell(master.Name), LayoutTables.Cell(BrokerText.Share(master.CpuShare)), LayoutTables.Cell(master.CommandsPerSecond.ToString("0", CultureInfo.InvariantCulture)));
            }

            Console.Write(table);
        }

        Console.WriteLine(BrokerText.Price(brokers));
    }
}
