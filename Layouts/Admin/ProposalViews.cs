using Contracts.Layouts;
using Layouts.Planning;
using Layouts.Steps;

namespace Layouts.Admin;

/// <summary>What the planner proposes at the moment.</summary>
/// <param name="IsApplied">Whether the planner makes its proposals goals by itself, as far as the node that answers is configured.</param>
/// <param name="Proposals">Newest first.</param>
/// <param name="Brokers">What Redis works, and the rooms that more shards would not help; null: not measured yet.</param>
internal sealed record ProposalsView(bool IsApplied, IReadOnlyList<ProposalRow> Proposals, BrokerFigures? Brokers = null);

/// <summary>One open proposal.</summary>
/// <param name="Scope"><c>tenant/room</c>.</param>
/// <param name="Layout">What the room has, in words.</param>
/// <param name="Shards">What it should have.</param>
/// <param name="FollowsWider">Whether it gets that by following the wider layout again.</param>
/// <param name="CanFollow">Whether it can be followed at once; else the room has to be sharded first.</param>
/// <param name="Text">Why.</param>
/// <param name="Figures">What that rests on.</param>
/// <param name="At">When it was made.</param>
internal sealed record ProposalRow(
    string Scope, string Layout, int Shards, bool FollowsWider, bool CanFollow, string Text, IReadOnlyDictionary<string, double> Figures, DateTimeOffset At);

/// <summary>Proposals with what the rooms have.</summary>
internal static class ProposalViews
{
    public static ProposalsView Of(IReadOnlyList<StandingProposal> standing, LayoutCatalog catalog, bool isApplied) => new(
        isApplied,
        [
            .. standing.Select(proposal => new ProposalRow(
                proposal.Scope.ToString(),
                StepText.Name(catalog.Effective(proposal.Scope)),
                proposal.Shards,
                proposal.FollowsWider,
                catalog.Effective(proposal.Scope).Stage == LayoutStages.Sharded,
                proposal.Decision.Text,
                proposal.Decision.Figures,
                proposal.Decision.At)),
        ]);
}
