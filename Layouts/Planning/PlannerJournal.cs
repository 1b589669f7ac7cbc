using Contracts;
using Contracts.Dbman;
using Contracts.Layouts;
using Contracts.Results;
using Layouts.Steps;

namespace Layouts.Planning;

/// <summary>
/// Proposals as entries of the history of decisions: the next planner finds them there, and every node reads there which ones are open.
/// </summary>
internal static class PlannerJournal
{
    public const string By = "planner";
    public const string Proposed = "propose";
    public const string Withdrawn = "withdraw";
    public const string Applied = "apply";

    private const string Shards = "shards";
    private const string FollowsWider = "follows_wider";
    private const string Epoch = "epoch";

    /// <summary>Decisions that are searched for open proposals: at most the newest thousand.</summary>
    private const int MostPages = 1_000 / Limits.Page;

    /// <summary>The open proposals: made, not withdrawn, and the room's layout is still the one that they were made for. Newest first.</summary>
    public static async Task<ServiceResult<IReadOnlyList<StandingProposal>>> ReadAsync(LayoutsClient plane, LayoutCatalog catalog, CancellationToken cancellationToken)
    {
        List<StandingProposal> standing = [];
        HashSet<LayoutScope> seen = [];
        long? before = null;
        for (var pages = 0; pages < MostPages; pages++)
        {
            if (!(await plane.GetDecisionsAsync(before, Limits.Page, cancellationToken)).TryGet(out var page, out var problem))
            {
                return problem;
            }

            foreach (var decision in page.Items.Where(static decision => decision.By == By))
            {
                if (seen.Add(decision.Scope) && decision.Decision == Proposed && Parse(decision) is { } proposal && proposal.Epoch == catalog.EpochOf(decision.Scope))
                {
                    standing.Add(proposal);
                }
            }

            if (page.Next is null)
            {
                break;
            }

            before = page.Items[^1].Id;
        }

        return standing;
    }

    public static AddLayoutDecisionRequest Propose(ShardProposal proposal, string text, LayoutCatalog catalog)
    {
        var scope = ScopeOf(proposal);
        return new AddLayoutDecisionRequest(scope, catalog.EpochOf(scope), Proposed, By, text, Figures(proposal, catalog.EpochOf(scope)));
    }

    public static AddLayoutDecisionRequest Apply(ShardProposal proposal, LayoutCatalog catalog)
    {
        var scope = ScopeOf(proposal);
        return new AddLayoutDecisionRequest(scope, catalog.EpochOf(scope), Applied, By, "The proposal became the room's goal.", Figures(proposal, catalog.EpochOf(scope)));
    }

    public static AddLayoutDecisionRequest Withdraw(LayoutScope scope, LayoutCatalog catalog) => new(
        scope, catalog.EpochOf(scope), Withdrawn, By, "The room's traffic no longer needs it.", new Dictionary<string, double>(StringComparer.Ordinal));

    public static LayoutScope ScopeOf(ShardProposal proposal) => new(proposal.Room.Tenant, proposal.Room.Room);

    private static Dictionary<string, double> Figures(ShardProposal proposal, long epoch)
    {
        var figures = new Dictionary<string, double>(StringComparer.Ordinal)
        {
            ["messages_per_second"] = Math.Round(proposal.MessagesPerSecond, 1),
            ["shards_now"] = proposal.From,
            [Shards] = proposal.To,
            [FollowsWider] = proposal.FollowsWider ? 1 : 0,
            [Epoch] = epoch,
        };
        if (proposal.Effect is { } effect)
        {
            figures["price_seconds"] = effect.PriceSeconds;
            figures["busiest_master_now_share"] = Math.Round(effect.ShareNow, 5);
            figures["busiest_master_then_share"] = Math.Round(effect.ShareThen, 5);
            figures["masters_now"] = effect.MastersNow;
            figures["masters_then"] = effect.MastersThen;
        }

        return figures;
    }

    private static StandingProposal? Parse(LayoutDecision decision) =>
        decision.Figures.TryGetValue(Shards, out var shards) && decision.Figures.TryGetValue(Epoch, out var epoch)
            ? new StandingProposal(decision.Scope, (int)shards, decision.Figures.GetValueOrDefault(FollowsWider) > 0, (long)epoch, decision)
            : null;
}

/// <summary>An open proposal.</summary>
/// <param name="Scope">The room.</param>
/// <param name="Shards">What it should have.</param>
/// <param name="FollowsWider">Whether it gets that by following the wider layout again.</param>
/// <param name="Epoch">Of the room's newest record when it was made; 0: it had none.</param>
/// <param name="Decision">The entry, with its figures.</param>
internal sealed record StandingProposal(LayoutScope Scope, int Shards, bool FollowsWider, long Epoch, LayoutDecision Decision);
