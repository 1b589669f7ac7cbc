using Contracts.Dbman;
using Contracts.Results;
using Microsoft.Extensions.Options;
using Realtime.Channels;
using Realtime.Migration.Driving;
using Realtime.Migration.Figures;
using Realtime.Migration.Planning;
using ServiceDefaults.Errors;

namespace Realtime.Migration.Admin;

/// <summary>Operators' API of figures, hot rooms and the planner's proposals.</summary>
internal static class FigureEndpoints
{
    private const int MaxHot = 500;

    public static void Map(IEndpointRouteBuilder operators)
    {
        operators.MapGet(AdminRoutes.Figures, FiguresAsync);
        operators.MapGet(AdminRoutes.FigureSeries, SeriesAsync);
        operators.MapGet(AdminRoutes.Hot, HotAsync);
        operators.MapGet(AdminRoutes.Proposals, ProposalsAsync);
    }

    private static async Task<IResult> FiguresAsync(FigureFeed feed, CancellationToken cancellationToken) =>
        (await feed.GetAsync(cancellationToken)).ToHttp(static figures => Results.Json(figures, AdminJsonContext.Default.FiguresView));

    /// <summary>Asking keeps the series going; it begins with the first time that somebody asks this node.</summary>
    private static async Task<IResult> SeriesAsync(FigureFeed feed, CancellationToken cancellationToken, DateTimeOffset? since = null) =>
        (await feed.GetAsync(cancellationToken)).ToHttp(
            _ => Results.Json(new FigureSeriesView(feed.Points(since)), AdminJsonContext.Default.FigureSeriesView));

    private static async Task<IResult> HotAsync(FigureFeed feed, ChannelLayouts layouts, CancellationToken cancellationToken, int limit = 50) =>
        limit is < 1 or > MaxHot
            ? Problems.InvalidRequest($"1 to {MaxHot}.", "limit")
            : (await feed.ReadAsync(cancellationToken)).ToHttp(
                look => Results.Json(HotRoomViews.Of(look.Reading, layouts.Listening, limit), AdminJsonContext.Default.HotRoomsView));

    private static async Task<IResult> ProposalsAsync(DbmanClient dbman, IOptions<PlannerOptions> options, CancellationToken cancellationToken) =>
        (await ReadProposalsAsync(dbman.Layouts, options.Value.Apply, cancellationToken)).ToHttp(
            static view => Results.Json(view, AdminJsonContext.Default.ProposalsView));

    /// <summary>From the history of decisions, so that any node answers alike.</summary>
    private static async Task<ServiceResult<ProposalsView>> ReadProposalsAsync(LayoutsClient plane, bool isApplied, CancellationToken cancellationToken)
    {
        if (!(await plane.GetAsync(0, cancellationToken)).TryGet(out var layouts, out var problem))
        {
            return problem;
        }

        var book = new LayoutBook(layouts);
        return (await PlannerJournal.ReadAsync(plane, book, cancellationToken)).TryGet(out var standing, out problem)
            ? ProposalViews.Of(standing, book, isApplied)
            : problem;
    }
}
