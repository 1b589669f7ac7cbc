using System.ComponentModel.DataAnnotations;

namespace Layouts.Console;

/// <summary>The page of operators; configuration section <c>Console</c>.</summary>
internal sealed class ConsoleOptions
{
    public const string Section = "Console";

    /// <summary>Whether there is a console. Without it nothing of it is registered or mapped.</summary>
    /// <value>Default true.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>Pages that are open on this node at once: each costs a WebSocket and some hundred kilobytes.</summary>
    /// <value>Default 20; 1 to 200.</value>
    [Range(1, 200)]
    public int MostPages { get; set; } = 20;

    /// <summary>How often the state is read from dbman while somebody looks, once for all pages of the node.</summary>
    /// <value>Default 2 s; 100 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long after signing in one has to do it again. It is not prolonged.</summary>
    /// <value>Default 8 h; 1 min to 1 day.</value>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan SessionLength { get; set; } = TimeSpan.FromHours(8);

    /// <summary>How often an open page asks whether its operator still is one. Before each act it is asked in any case.</summary>
    /// <value>Default 30 s; 100 ms to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan Recheck { get; set; } = TimeSpan.FromSeconds(30);
}
