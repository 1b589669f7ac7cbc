using Contracts.Layouts;

namespace Layouts.Brokers;

/// <summary>What Redis worked in a window, and what an event costs it.</summary>
/// <param name="Masters">The busiest first.</param>
/// <param name="PriceSeconds">CPU of all masters together for one event, the median of the last windows; null: not known.</param>
/// <param name="Gap">Why this window has no price of its own; null: it has.</param>
internal sealed record BrokerWindow(IReadOnlyList<MasterFigures> Masters, double? PriceSeconds, PriceGap? Gap)
{
    /// <summary>There was nothing before it to compare with: nothing can be said, which the next window changes.</summary>
    public bool IsFirst => Gap == PriceGap.First;

    /// <summary>As the driver reports it.</summary>
    public BrokerFigures ToFigures(IReadOnlyList<HeldRoom> held) =>
        new([.. Masters.Take(FigureLimits.Masters)], [.. held.Take(FigureLimits.HeldRooms)], PriceSeconds, Gap?.Text);
}

/// <summary>Why a window has no price.</summary>
/// <param name="Text">In words.</param>
/// <param name="IsUsual">It comes and goes as rooms and nodes do: nobody has to know.</param>
internal sealed record PriceGap(string Text, bool IsUsual)
{
    /// <summary>Of the first window of a driver.</summary>
    public static PriceGap First { get; } = new("nothing was measured before", IsUsual: true);
}
