using System.Globalization;

namespace Layouts.Planning;

/// <summary>What the planner says, with the figures that it rests on.</summary>
internal static class PlannerText
{
    /// <summary>Why a room should have another number of shards.</summary>
    public static string Propose(ShardProposal proposal, PlannerOptions options)
    {
        var windows = proposal.IsRelief ? options.GrowWindows : options.ShrinkWindows;
        var change = $"{Shards(proposal.To)} instead of {proposal.From}{(proposal.FollowsWider ? ", by following the wider layout again" : "")}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{proposal.MessagesPerSecond:0.#} messages/s, for {windows} windows of {options.Window.TotalSeconds:0.#} s: {change}. ")
            + (proposal.Effect is { } effect ? Of(effect, proposal) : "What a message costs Redis is not known; judged by Planner:MessagesPerShard.");
    }

    /// <summary>Why more shards would not help a room.</summary>
    public static string Hold(RoomLoad room) =>
        room.Spread?.MastersOf(room.Shards) is not > 1 ? "one master has all of its channels."
        : $"its {Shards(room.Shards)} are on {room.Spread.MastersOf(room.Shards)} masters already, about as evenly as others would be.";

    public static string Percent(double share) => $"{(share * 100).ToString(share < 0.1 ? "0.##" : "0.#", CultureInfo.InvariantCulture)} %";

    private static string Of(ShardEffect effect, ShardProposal proposal) => string.Create(
        CultureInfo.InvariantCulture,
        $"At {effect.PriceSeconds * 1e6:0.##} us of Redis a message, its busiest master works {Percent(effect.ShareNow)} of a core for it with {proposal.From}, {Percent(effect.ShareThen)} with {proposal.To}; {Masters(effect.MastersThen)} would share it, now {effect.MastersNow}.");

    private static string Shards(int count) => count == 1 ? "1 shard" : string.Create(CultureInfo.InvariantCulture, $"{count} shards");

    private static string Masters(int count) => count == 1 ? "1 master" : string.Create(CultureInfo.InvariantCulture, $"{count} masters");
}
