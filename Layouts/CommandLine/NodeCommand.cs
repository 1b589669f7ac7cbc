using Contracts.Results;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Layouts.CommandLine;

/// <summary>What every command does: find the node, and say what went wrong.</summary>
internal abstract class NodeCommand<TSettings>(CommandEnvironment environment) : AsyncCommand<TSettings>
    where TSettings : NodeSettings
{
    protected IAnsiConsole Console => environment.Console;

    protected CommandEnvironment CommandEnvironment => environment;

    public override async Task<int> ExecuteAsync(CommandContext context, TSettings settings, CancellationToken cancellationToken)
    {
        var (client, missing) = Connection.Open(settings, environment);
        using (client)
        {
            if (client is null)
            {
                Fail(missing!);
                return ExitCodes.Usage;
            }

            return await RunAsync(client, settings, cancellationToken);
        }
    }

    protected abstract Task<int> RunAsync(AdminClient client, TSettings settings, CancellationToken cancellationToken);

    /// <summary>The exit code when no node answered.</summary>
    protected int Refuse(AdminClient client, ServiceProblem? problem, string? unreachable)
    {
        if (problem is null)
        {
            Fail($"No node answers at {client.Address}: {unreachable}");
            return ExitCodes.Unreachable;
        }

        var hint = problem.Status == 401 ? $" The key is not one that this system lists: see {Connection.KeyVariable}." : "";
        Fail($"{problem.Title} ({problem.Status} {problem.Type}) {problem.Detail}{hint}");
        return problem.Status == 400 ? ExitCodes.Usage : ExitCodes.Refused;
    }

    protected void Fail(string text) => Console.MarkupLineInterpolated($"[red]{text}[/]");

    /// <summary>As it came, without wrapping or colours: programs read it.</summary>
    protected void WriteJson(string json) => Console.Profile.Out.Writer.WriteLine(json);
}
