namespace Layouts.CommandLine;

internal sealed class StatusSettings : NodeSettings
{
    [Spectre.Console.Cli.CommandOption("-s|--scope <SCOPE>")]
    [System.ComponentModel.Description("Only this one: all, tenant, or tenant/room.")]
    public string? Scope { get; init; }
}

internal sealed class StatusCommand(CommandEnvironment environment) : NodeCommand<StatusSettings>(environment)
{
    protected override async Task<int> RunAsync(AdminClient client, StatusSettings settings, CancellationToken cancellationToken)
    {
        var answer = await client.StatusAsync(settings.Scope, cancellationToken);
        if (answer.Value is not { } status)
        {
            return Refuse(client, answer.Problem, answer.Unreachable);
        }

        if (settings.Json)
        {
            WriteJson(answer.Json);
        }
        else
        {
            LayoutTables.Write(Console, status);
        }

        return ExitCodes.Done;
    }
}

internal sealed class NodesCommand(CommandEnvironment environment) : NodeCommand<NodeSettings>(environment)
{
    protected override async Task<int> RunAsync(AdminClient client, NodeSettings settings, CancellationToken cancellationToken)
    {
        var answer = await client.NodesAsync(cancellationToken);
        if (answer.Value is not { } nodes)
        {
            return Refuse(client, answer.Problem, answer.Unreachable);
        }

        if (settings.Json)
        {
            WriteJson(answer.Json);
        }
        else
        {
            Console.Write(LayoutTables.Nodes(nodes.Revision, nodes.Nodes));
        }

        return ExitCodes.Done;
    }
}

internal sealed class HistoryCommand(CommandEnvironment environment) : NodeCommand<HistorySettings>(environment)
{
    protected override async Task<int> RunAsync(AdminClient client, HistorySettings settings, CancellationToken cancellationToken)
    {
        string json;
        Spectre.Console.Rendering.IRenderable table;
        if (settings.Decisions)
        {
            var answer = await client.DecisionsAsync(settings.Before, settings.Limit, cancellationToken);
            if (answer.Value is not { } page)
            {
                return Refuse(client, answer.Problem, answer.Unreachable);
            }

            (json, table) = (answer.Json, LayoutTables.Decisions(page.Items));
        }
        else
        {
            var answer = await client.HistoryAsync(settings.Before, settings.Limit, cancellationToken);
            if (answer.Value is not { } page)
            {
                return Refuse(client, answer.Problem, answer.Unreachable);
            }

            (json, table) = (answer.Json, LayoutTables.History(page.Items));
        }

        if (settings.Json)
        {
            WriteJson(json);
        }
        else
        {
            Console.Write(table);
        }

        return ExitCodes.Done;
    }
}
