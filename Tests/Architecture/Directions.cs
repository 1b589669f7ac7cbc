namespace Tests.Architecture;

/// <summary>
/// Allowed dependencies. In each table a row lists what it may use, all from the rows before it, so the tables allow no cycle. A new project or
/// folder gets a row, as low as possible.
/// </summary>
internal static class Directions
{
    /// <summary>Projects of services, and what applications link.</summary>
    public static readonly Row[] Projects =
    [
        new("Contracts"),
        new("ServiceDefaults", "Contracts"),
        new("Client", "Contracts"),
        new("Dbman", "Contracts", "ServiceDefaults"),
        new("Session", "Contracts", "ServiceDefaults"),
        new("Chat", "Contracts", "ServiceDefaults"),
        new("Fileman", "Contracts", "ServiceDefaults"),
        new("Realtime", "Contracts", "ServiceDefaults"),
        new("Layouts", "Contracts", "ServiceDefaults", "Realtime"),
    ];

    /// <summary>Folders of Realtime, the data plane: from bytes up to the node that does all of it.</summary>
    public static readonly Row[] Realtime =
    [
        new("Wire"),
        new("Counting", "Wire"),
        new("Channels", "Wire", "Counting"),
        new("Publish", "Wire", "Counting", "Channels"),
        new("Fanout", "Wire", "Counting", "Channels"),
        new("Sockets", "Wire", "Counting", "Channels", "Fanout"),
        new("Node", "Wire", "Counting", "Channels", "Fanout", "Sockets"),
        new(Root, "Wire", "Counting", "Channels", "Publish", "Fanout", "Sockets", "Node"),
    ];

    /// <summary>Folders of Layouts, the control plane: from steps and figures up to what people see.</summary>
    public static readonly Row[] Layouts =
    [
        new("Steps"),
        new("Figures"),
        new("Brokers", "Figures"),
        new("Autopilot", "Steps", "Figures"),
        new("Driving", "Steps", "Figures", "Autopilot"),
        new("Planning", "Steps", "Figures", "Brokers", "Driving"),
        new("Admin", "Steps", "Figures", "Autopilot", "Driving", "Planning"),
        new("Console", "Steps", "Figures", "Autopilot", "Driving", "Planning", "Admin"),
        new("CommandLine", "Steps", "Admin", "Console"),
        new(Root, "Steps", "Figures", "Brokers", "Autopilot", "Driving", "Planning", "Admin", "Console", "CommandLine"),
    ];

    /// <summary>
    /// What Layouts may use of Realtime: what a node has applied, counts and learns. Not how events travel. The root composes both.
    /// </summary>
    public static readonly string[] NodeContract = ["Channels", "Counting", "Node"];

    /// <summary>What is in no folder: the composition.</summary>
    public const string Root = "(root)";

    /// <summary>A row of a table.</summary>
    /// <param name="Name">A project, or a folder of one.</param>
    /// <param name="MayUse">Besides itself.</param>
    internal sealed record Row(string Name, params string[] MayUse);
}
