namespace Layouts.Console.Scopes;

/// <summary>What can be done to a scope.</summary>
internal enum LayoutActKind
{
    /// <summary>To <see cref="LayoutAct.Stage"/>, forwards.</summary>
    Go,

    /// <summary>Back to <see cref="LayoutAct.Stage"/>, or to the one before.</summary>
    RollBack,

    /// <summary>Another number of shards.</summary>
    Reshard,

    /// <summary>The scope follows the wider layout again.</summary>
    GiveUp,

    /// <summary>The goal is taken away; the layout stays where it is.</summary>
    Clear,

    /// <summary>The autopilot leads to sharded.</summary>
    Autopilot,

    /// <summary>The autopilot's goal is taken away; the layout stays where it is.</summary>
    StopAutopilot,
}

/// <summary>Something to be done, as it was filled in.</summary>
/// <param name="Kind">What.</param>
/// <param name="Scope">To what.</param>
internal sealed record LayoutAct(LayoutActKind Kind, string Scope)
{
    public string? Stage { get; init; }

    public int? Shards { get; init; }

    public double Percent { get; init; }

    /// <summary>One a line, or separated by commas.</summary>
    public string Tenants { get; init; } = "";

    /// <summary>Such as <see cref="Tenants"/>; <c>tenant/room</c>.</summary>
    public string Rooms { get; init; } = "";

    public string Reason { get; init; } = "";

    /// <summary>With <see cref="LayoutActKind.Autopilot"/>: it writes down what it would do, and does nothing.</summary>
    public bool IsRehearsal { get; init; }

    /// <summary>Whether it only takes a goal away, so that there is no plan to be shown.</summary>
    public bool IsEnd => Kind is LayoutActKind.Clear or LayoutActKind.StopAutopilot;

    /// <summary>For the dialog's title and the log.</summary>
    public string Title => Kind switch
    {
        LayoutActKind.Go => Stage switch
        {
            "sharded" => $"Complete {Scope}",
            _ => $"Move {Scope} to {Stage}",
        },
        LayoutActKind.RollBack => $"Roll {Scope} back",
        LayoutActKind.Reshard => $"Reshard {Scope}",
        LayoutActKind.GiveUp => $"Give up the layout of {Scope}",
        LayoutActKind.Autopilot => IsRehearsal ? $"Rehearse the autopilot of {Scope}" : $"Hand {Scope} to the autopilot",
        LayoutActKind.StopAutopilot => $"Stop the autopilot of {Scope}",
        _ => $"Take away the goal of {Scope}",
    };
}
