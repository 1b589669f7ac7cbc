using System.Globalization;

namespace Layouts.CommandLine;

/// <summary>Prints a link to the console, for the holder of the operator's key.</summary>
internal sealed class ConsoleCommand(CommandEnvironment environment) : NodeCommand<NodeSettings>(environment)
{
    protected override async Task<int> RunAsync(AdminClient client, NodeSettings settings, CancellationToken cancellationToken)
    {
        var by = CommandEnvironment.Variable("USER") is { Length: > 0 and <= 64 } user ? $"command line, {user}" : "command line";
        var answer = await client.LinkAsync(by, cancellationToken);
        if (answer.Value is not { } link)
        {
            return Refuse(client, answer.Problem, answer.Unreachable);
        }

        if (settings.Json)
        {
            WriteJson(answer.Json);
        }
        else
        {
            // Whole, whatever the terminal's width: it is to be opened or copied.
            Console.Profile.Out.Writer.WriteLine(new Uri(client.Address, link.Path));
            Console.Profile.Out.Writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Good once, until {link.Expires.UtcDateTime:HH:mm:ss} UTC, on any node."));
        }

        return ExitCodes.Done;
    }
}
