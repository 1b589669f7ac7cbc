namespace Tests.Layouts.Faults;

/// <summary>What breaks.</summary>
internal enum FaultKind
{
    /// <summary>A node ends without a word; another one comes in its place.</summary>
    NodeDies,

    /// <summary>The same, and it is the node that drives.</summary>
    DriverDies,

    /// <summary>A node's connections to Redis are reset, new ones refused.</summary>
    NodeCutFromRedis,

    /// <summary>The same with dbman, until the lease has run out.</summary>
    NodeCutFromDbman,

    /// <summary>What a node and Redis say to each other comes late.</summary>
    RedisStalls,

    /// <summary>A node is dead to the world until its lease has run out, and goes on where it was, with everything that waited for it: what SIGSTOP and SIGCONT look like from outside.</summary>
    NodeFreezes,

    /// <summary>All nodes lose Redis at once: it was restarted.</summary>
    RedisRestarts,

    /// <summary>All nodes lose dbman, until all leases have run out.</summary>
    DbmanAway,

    /// <summary>The record is written and the driver does not hear of it.</summary>
    AnswerLost,
}

/// <summary>When within a step.</summary>
internal enum Moment
{
    /// <summary>The driver is about to have the record written.</summary>
    BeforeTheRecord,

    /// <summary>It is written, and nobody knows it yet.</summary>
    BehindTheRecord,

    /// <summary>The victim has just been told of it.</summary>
    WhileItIsApplied,
}

/// <summary>One fault.</summary>
/// <param name="Kind">What breaks.</param>
/// <param name="Step">With which step of the leg, from 0; a leg that has fewer suffers it when it has arrived.</param>
/// <param name="Moment">When within the step.</param>
/// <param name="Victim">Which node, where one is to be chosen.</param>
/// <param name="Hold">How long, counted in events that senders try to send meanwhile.</param>
internal sealed record Strike(FaultKind Kind, int Step, Moment Moment, int Victim, int Hold);
