using Contracts.Results;
using Layouts.Admin;
using Layouts.Console.Live;
using Layouts.Figures;
using Microsoft.Extensions.Options;
using Realtime.Channels;

namespace Layouts.Console.Figures;

/// <summary>
/// Figures, charts, hot rooms and proposals for all pages of this node. Has no clock of its own: a page that is seen asks with each look of
/// <see cref="ConsoleFeed"/>, and what is asked of dbman then is what has changed. A crowd of pages costs as much as one, and pages that nobody sees
/// cost nothing.
/// </summary>
internal sealed class FiguresPageCache(
    FigureFeed feed, ProposalAdmin proposals, ChannelLayouts layouts, IOptions<FiguresOptions> figures, TimeProvider time) : IDisposable
{
    /// <summary>Hot rooms that are shown, the hottest first.</summary>
    private const int MostHot = 20;

    private readonly SemaphoreSlim _reading = new(1);

    // Written by the holder of the semaphore, read by all.
    private FiguresSnapshot? _current;
    private (long Revision, long Decision)? _proposedAt;

    /// <summary>The newest that was read; empty charts at first.</summary>
    public FiguresSnapshot Current => Volatile.Read(ref _current) ?? new FiguresSnapshot(null, FigureCharts.Of([], figures.Value, time.GetUtcNow()), null, null, null);

    /// <summary>Reads what is new by now.</summary>
    /// <param name="now">Tells whether anything was decided since proposals were read.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<FiguresSnapshot> ReadAsync(ConsoleSnapshot now, CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            var next = await TakeProposalsAsync(await TakeFiguresAsync(Current with { Problem = null }, cancellationToken), now, cancellationToken);
            Volatile.Write(ref _current, next);
            return next;
        }
        finally
        {
            _reading.Release();
        }
    }

    public void Dispose() => _reading.Dispose();

    private async Task<FiguresSnapshot> TakeFiguresAsync(FiguresSnapshot before, CancellationToken cancellationToken) =>
        !(await feed.ReadAsync(cancellationToken)).TryGet(out var look, out var problem) ? before with { Problem = problem }
        : ReferenceEquals(before.Newest, look.View) ? before
        : before with
        {
            Newest = look.View,
            Charts = FigureCharts.Of(feed.Points(since: null), figures.Value, time.GetUtcNow()),
            Hot = HotRoomViews.Of(look.Reading, layouts.Listening, MostHot),
        };

    /// <summary>Proposals follow from the history of decisions and the layout records: while neither grows, they are the same.</summary>
    private async Task<FiguresSnapshot> TakeProposalsAsync(FiguresSnapshot before, ConsoleSnapshot now, CancellationToken cancellationToken)
    {
        if (now.Status is not { } status)
        {
            return before;
        }

        var asOf = (status.Revision, status.Decisions.Count > 0 ? status.Decisions[0].Id : 0);
        if (_proposedAt == asOf)
        {
            return before;
        }

        if (!(await proposals.ReadAsync(cancellationToken)).TryGet(out var view, out var problem))
        {
            return before with { Problem = problem };
        }

        _proposedAt = asOf;
        return before with { Proposals = view };
    }
}

/// <summary>What the page of figures shows. Immutable.</summary>
/// <param name="Newest">Null: nothing was read yet.</param>
/// <param name="Charts">Up to <paramref name="Newest"/>.</param>
/// <param name="Hot">As of <paramref name="Newest"/>.</param>
/// <param name="Proposals">Null: they were not read yet.</param>
/// <param name="Problem">Why the newest read failed; the rest is from the last one that succeeded.</param>
internal sealed record FiguresSnapshot(FiguresView? Newest, FigureCharts Charts, HotRoomsView? Hot, ProposalsView? Proposals, ServiceProblem? Problem);
