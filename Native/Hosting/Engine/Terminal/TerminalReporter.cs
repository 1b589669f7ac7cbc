using System.Diagnostics;
using System.Threading.Channels;
using Aspire.Hosting.Engine.Dashboards;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Aspire.Hosting.Engine.Terminal;

/// <summary>
/// Tells the person who ran the AppHost how it goes: on a terminal a table that follows the start, elsewhere (and once everything is settled) a
/// line per change. A resource that failed says why. When all is well for the first time, what to try next is printed.
/// </summary>
internal sealed class TerminalReporter(EngineContext engine, IAnsiConsole console, LoginTokens? tokens)
{
    private const string TryIt = "try-it.sh";

    /// <summary>Begins its lines that are told to the person, and are nothing to paste.</summary>
    private const string Said = "#> ";

    /// <summary>A start that takes longer than this is not a slow machine any more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(100);
    private readonly Board _board = new(engine.Model);
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private bool _wasWell;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        tokens?.Renewed += _ => TellLink();

        // At once: when something does not start, the dashboard is where one looks.
        TellLink();
        var changes = Channel.CreateUnbounded<Board.Row>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        var watch = WatchAsync(changes.Writer, cancellationToken);
        var complain = ComplainAsync(cancellationToken);
        try
        {
            if (console.Profile is { Capabilities: { Interactive: true, Ansi: true }, Out.IsTerminal: true })
            {
                await console.Live(Table()).AutoClear(false).StartAsync(live => FollowStartAsync(live, changes.Reader, cancellationToken));
                foreach (var row in _board.Rows.Where(r => r.HasFailed))
                {
                    TellFailure(row);
                }

                TellWhenWell();
            }

            await foreach (var row in changes.Reader.ReadAllAsync(cancellationToken))
            {
                TellRow(row);
                TellWhenWell();
            }
        }
        catch (OperationCanceledException)
        {
            // The application has stopped; what the stop brought was told.
        }

        await watch;
        await complain;
    }

    /// <summary>Once, when it takes too long: what is missing.</summary>
    private async Task ComplainAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(Patience, engine.Time, cancellationToken);
            if (!_wasWell)
            {
                Line($"Not well after {Patience.TotalSeconds:0} s:");
                foreach (var complaint in _board.Complaints(engine.Notifications))
                {
                    Line($"    {complaint}");
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The application has stopped before.
        }
    }

    private async Task WatchAsync(ChannelWriter<Board.Row> changes, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var change in engine.Notifications.WatchAsync(cancellationToken))
            {
                if (_board.Apply(change) is { } row)
                {
                    changes.TryWrite(row);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The application has stopped.
        }
        finally
        {
            changes.TryComplete();
        }
    }

    private async Task FollowStartAsync(LiveDisplayContext live, ChannelReader<Board.Row> changes, CancellationToken cancellationToken)
    {
        while (!_board.IsSettled && !engine.Lifetime.ApplicationStopping.IsCancellationRequested && await changes.WaitToReadAsync(cancellationToken))
        {
            // Changes come in bursts; each redraw shows all that is known.
            await Task.Delay(Redraw, engine.Time, cancellationToken);
            while (changes.TryRead(out _))
            {
            }

            live.UpdateTarget(Table());
        }

        live.UpdateTarget(Table());
    }

    private IRenderable Table()
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("Resource", "State", "Health", "Address");
        foreach (var row in _board.Rows)
        {
            var colour = row switch { { IsWell: true } => "green", { HasFailed: true } => "red", _ => "yellow" };
            table.AddRow(
                Markup.Escape(row.Name),
                $"[{colour}]{Markup.Escape(StateOf(row))}[/]",
                $"[{colour}]{Markup.Escape(row.Health)}[/]",
                Markup.Escape(row.Address));
        }

        return table;
    }

    private void TellRow(Board.Row row)
    {
        Line($"{Elapsed,7:0.0} s  {row.Name,-20} {StateOf(row),-24} {row.Health,-14} {row.Address}".TrimEnd());
        if (row.HasFailed)
        {
            TellFailure(row);
        }
    }

    private void TellFailure(Board.Row row)
    {
        // An orderly end has nothing to explain, and one explanation per end is enough.
        if (row.ExitCode == 0 || engine.Lifetime.ApplicationStopping.IsCancellationRequested || !_told.Add($"{row.Id} {row.State} {row.ExitCode}"))
        {
            return;
        }

        Line($"{row.Name} is down. It said last:");
        foreach (var line in Board.ReasonOf(row, engine.Loggers))
        {
            Line($"    {line}");
        }
    }

    private void TellWhenWell()
    {
        if (_wasWell || !_board.IsWell)
        {
            return;
        }

        _wasWell = true;
        Line(string.Empty);
        Line($"All resources are well after {Elapsed:0.0} s. Ctrl-C stops them.");
        TellLink();

        var file = Path.Combine(engine.Options.AppHostDirectory, TryIt);
        if (File.Exists(file))
        {
            var lines = File.ReadAllLines(file);
            foreach (var line in lines.Where(l => l.StartsWith(Said, StringComparison.Ordinal)))
            {
                Line(line[Said.Length..]);
            }

            Line("What to try next; paste this into another terminal:");
            Line(string.Empty);
            foreach (var line in lines.SkipWhile(l => l.StartsWith('#')))
            {
                Line(line);
            }
        }
    }

    private void TellLink()
    {
        if (tokens?.Link is { } link)
        {
            Line($"Dashboard: {link}");
        }
    }

    private double Elapsed => Stopwatch.GetElapsedTime(_start).TotalSeconds;

    private static string StateOf(Board.Row row) => row.ExitCode is { } code ? $"{row.State} (exit code {code})" : row.State;

    /// <summary>Past Spectre's wrapping and markup: these lines are read by programs too, and pasted.</summary>
    private void Line(string text)
    {
        lock (_told)
        {
            console.Profile.Out.Writer.WriteLine(text);
            console.Profile.Out.Writer.Flush();
        }
    }
}
