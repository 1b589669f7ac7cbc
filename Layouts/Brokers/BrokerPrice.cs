using System.Globalization;
using Contracts.Layouts;
using Layouts.Figures;

namespace Layouts.Brokers;

/// <summary>
/// Works out, window by window, what one event costs Redis: the CPU time of all masters over the events that all nodes handed to them.
/// </summary>
/// <remarks>
/// <para>
/// <b>Events</b> are copies of messages, signals and system events alike: each is one envelope on one channel, and rooms that are judged have one
/// copy of each. Both sides are taken as rates, as nodes report a few seconds before or after the masters are asked.
/// </para>
/// <para>
/// <b>Left out.</b> A window has no price when a master did not answer, was restarted (its counts began again) or replaced, when what nodes published
/// is not known for all of the window, or when they published less than <see cref="LeastPerSecond"/>: then it would be the price of Redis' idling.
/// The median of the last <see cref="Windows"/> windows counts, so that one with a snapshot or a slow command in it moves nobody, and a price that
/// was last measured before that is forgotten.
/// </para>
/// <para>Whatever else the masters do is in the price, too. A room's load cannot be above what all masters worked, as it is its part of that.</para>
/// <para>Not safe for concurrent use: its owner's loop alone calls it.</para>
/// </remarks>
internal sealed class BrokerPrice
{
    public const int Windows = 5;

    /// <summary>Events a second. An idle master works some thousandths of a core, which so many events carry.</summary>
    public const double LeastPerSecond = 100;

    private readonly Queue<double?> _prices = new();
    private BrokerReading? _brokers;
    private FigureReading? _figures;

    /// <summary>Takes what is known at the end of a window.</summary>
    public BrokerWindow Take(BrokerReading brokers, FigureReading figures)
    {
        var (before, since) = (_brokers, _figures);
        (_brokers, _figures) = (brokers, figures);
        if (before is null || since is null)
        {
            return new BrokerWindow([], null, brokers.Problem is { } problem ? new PriceGap(problem, IsUsual: false) : PriceGap.First);
        }

        var (masters, gap) = Loads(before, brokers);
        var (events, unknown) = Events(since, figures);
        gap ??= unknown;
        _prices.Enqueue(gap is null ? masters.Sum(static master => master.CpuShare) / events : null);
        while (_prices.Count > Windows)
        {
            _prices.Dequeue();
        }

        return new BrokerWindow([.. masters.OrderByDescending(static master => master.CpuShare)], Median(), gap);
    }

    private static (List<MasterFigures> Masters, PriceGap? Gap) Loads(BrokerReading first, BrokerReading last)
    {
        var gap = last.Problem ?? first.Problem;
        List<MasterFigures> masters = [];
        foreach (var now in last.Masters)
        {
            if (first.Masters.FirstOrDefault(master => master.Name == now.Name) is not { } then)
            {
                gap ??= $"{now.Name} was not there in the window before";
            }
            else if (then.Run != now.Run || now.CpuSeconds < then.CpuSeconds || now.Commands < then.Commands || now.At <= then.At)
            {
                gap ??= $"{now.Name} was restarted";
            }
            else
            {
                var seconds = (now.At - then.At).TotalSeconds;
                masters.Add(new MasterFigures(now.Name, (now.CpuSeconds - then.CpuSeconds) / seconds, (now.Commands - then.Commands) / seconds));
            }
        }

        gap ??= first.Masters.FirstOrDefault(then => last.Masters.All(now => now.Name != then.Name)) is { } gone ? $"{gone.Name} is no master of this window" : null;
        return (masters, gap is null ? null : new PriceGap(gap, IsUsual: false));
    }

    private static (double PerSecond, PriceGap? Gap) Events(FigureReading first, FigureReading last)
    {
        var window = FigureWindow.Between(first, last);
        var perSecond = window.Nodes.Where(static node => node.Seconds > 0).Sum(static node => node.Publish.Sum(static part => part.Latency.Total) / node.Seconds);
        var isWhole = last.Silent.Count == 0
            && window.Nodes.Count == last.Nodes.Count
            && window.Nodes.All(static node => node.Seconds > 0)
            && first.Nodes.Keys.All(last.Nodes.ContainsKey);
        return (
            perSecond,
            !isWhole ? new PriceGap("what nodes published is not known for all of the window", IsUsual: true)
            : perSecond < LeastPerSecond ? new PriceGap(string.Create(CultureInfo.InvariantCulture, $"nodes published fewer than {LeastPerSecond:0} events/s"), IsUsual: true)
            : null);
    }

    private double? Median()
    {
        double[] known = [.. _prices.OfType<double>().Order()];
        return known.Length == 0 ? null : (known[(known.Length - 1) / 2] + known[known.Length / 2]) / 2;
    }
}
