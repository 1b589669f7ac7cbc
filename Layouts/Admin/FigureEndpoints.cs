using Layouts.Figures;
using Realtime.Channels;
using ServiceDefaults.Errors;

namespace Layouts.Admin;

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

    private static async Task<IResult> ProposalsAsync(ProposalAdmin proposals, FigureFeed feed, CancellationToken cancellationToken)
    {
        var figures = await feed.GetAsync(cancellationToken);
        var read = figures.IsSuccess ? await proposals.ReadAsync(cancellationToken) : figures.Problem!;
        return read.ToHttp(view => Results.Json(view with { Brokers = figures.Value.Brokers }, AdminJsonContext.Default.ProposalsView));
    }
}
