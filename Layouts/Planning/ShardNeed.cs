namespace Layouts.Planning;

/// <summary>
/// How many shards carry a room's messages: by what a master works for them where the price of an event is known, else by messages a second.
/// </summary>
/// <remarks>
/// <para>
/// <b>Load.</b> The busiest master works <c>rate x price x part</c> of a core for a room, where the part is the largest that one master has of its
/// shards. One room may take <see cref="PlannerOptions.MasterShare"/> of a core. Without a price the busiest master may get
/// <see cref="PlannerOptions.MessagesPerShard"/> of its messages; where nothing is known of the masters either, each shard counts as one.
/// </para>
/// <para>
/// <b>Never more than help.</b> Beyond the fewest shards whose spread is within a tenth of the best one, more of them cost commands and packets on
/// every master and relieve none. On one server, or where one master has all slots of a room, that is one shard.
/// </para>
/// <para>
/// <b>Any number.</b> Slots of names that differ in a digit are no random draw: 3 shards often lie on three masters, while 4 and 8 of the same room
/// leave half of them on one. So where the masters are known every number is tried, not only powers of two.
/// </para>
/// </remarks>
/// <param name="options">What a room may take.</param>
/// <param name="priceSeconds">CPU of all masters for one event; null: not known.</param>
internal sealed class ShardNeed(PlannerOptions options, double? priceSeconds)
{
    /// <summary>A spread that is worse than the best by less is as good: a tenth of a room's load is within what its rate wavers.</summary>
    private const double AsGood = 1.1;

    /// <summary>Whether so many shards carry the room.</summary>
    /// <param name="room">The room.</param>
    /// <param name="shards">How many.</param>
    /// <param name="part">Of what it may take.</param>
    public bool Fits(RoomLoad room, int shards, double part) =>
        ShareOf(room, shards) is { } share ? share <= options.MasterShare * part
        : room.MessagesPerSecond * (room.Spread?.PartOf(shards) ?? (1.0 / shards)) <= options.MessagesPerShard * part;

    /// <summary>What the busiest master works for the room with so many shards, of a core; null: not known.</summary>
    public double? ShareOf(RoomLoad room, int shards) => room.MessagesPerSecond * priceSeconds * room.Spread?.PartOf(shards);

    /// <summary>Whether so many shards carry the room, or carry it about as well as any number would.</summary>
    public bool Carries(RoomLoad room, int shards, double part) =>
        Fits(room, shards, part) || (room.Spread is { } spread ? spread.PartOf(shards) <= BestOf(spread) * AsGood : shards >= options.MaxShards);

    /// <summary>The fewest shards that carry the room; where none do, the fewest that carry it about as well as any.</summary>
    public int Enough(RoomLoad room, double part)
    {
        var shards = 1;
        while (shards < options.MaxShards && !Carries(room, shards, part))
        {
            shards = room.Spread is null ? shards * 2 : shards + 1;
        }

        return shards;
    }

    /// <summary>Whether so many shards take load off the room's busiest master.</summary>
    public static bool Relieves(RoomLoad room, int shards) =>
        room.Spread is { } spread ? spread.PartOf(shards) < spread.PartOf(room.Shards) : shards > room.Shards;

    /// <summary>What the change would do; null: not known.</summary>
    public ShardEffect? EffectOf(RoomLoad room, int shards) =>
        room.Spread is { } spread && priceSeconds is { } price
            ? new ShardEffect(price, ShareOf(room, room.Shards)!.Value, ShareOf(room, shards)!.Value, spread.MastersOf(room.Shards), spread.MastersOf(shards))
            : null;

    private double BestOf(ShardSpread spread)
    {
        var best = 1.0;
        for (var shards = 1; shards <= options.MaxShards; shards++)
        {
            best = Math.Min(best, spread.PartOf(shards));
        }

        return best;
    }
}

/// <summary>What another number of shards does to a room's masters.</summary>
/// <param name="PriceSeconds">CPU of all masters for one event.</param>
/// <param name="ShareNow">What the busiest master works for the room, of a core.</param>
/// <param name="ShareThen">The same with the shards that are proposed.</param>
/// <param name="MastersNow">Masters that have a shard of it.</param>
/// <param name="MastersThen">The same with the shards that are proposed.</param>
internal sealed record ShardEffect(double PriceSeconds, double ShareNow, double ShareThen, int MastersNow, int MastersThen);
