namespace Tests.Layouts.Faults;

/// <summary>What breaks.</summary>
internal enum FaultKind
{
    /// <summary>A node crashes; another one replaces it.</summary>
    NodeDies,

    /// <summary>The same, and it is the node that drives.</summary>
    DriverDies,

    /// <summary>A node's connections to Redis are reset, new ones refused.</summary>
    NodeCutFromRedis,

    /// <summary>The same with dbman, until the lease has expired.</summary>
    NodeCutFromDbman,

    /// <summary>Traffic between a node and Redis is delayed.</summary>
    RedisStalls,

    /// <summary>
    /// A node is frozen until its lease has expired, and resumes with everything that waited for it: what SIGSTOP and SIGCONT look like from outside.
    /// </summary>
    NodeFreezes,

    /// <summary>All nodes lose Redis at once: it was restarted.</summary>
    RedisRestarts,

    /// <summary>All nodes lose dbman, until all leases have expired.</summary>
    DbmanAway,

    /// <summary>The record is written, and the driver does not get the answer.</summary>
    AnswerLost,
}

/// <summary>When within a step.</summary>
internal enum Moment
{
    /// <summary>The driver is about to have the record written.</summary>
    BeforeTheRecord,

    /// <summary>It is written, and no node knows it yet.</summary>
    BehindTheRecord,

    /// <summary>The victim has just learned of it.</summary>
    WhileItIsApplied,
}

/// <summary>One fault.</summary>
/// <param name="Kind">What breaks.</param>
/// <param name="Step">With which step of the leg, from 0; a leg that has fewer suffers it when it has arrived.</param>
/// <param name="Moment">When within the step.</param>
/// <param name="Victim">Which node, where one is to be chosen.</param>
/// <param name="Hold">How long, counted in events that senders try to send meanwhile.</param>
internal sealed record ScheduledFault(FaultKind Kind, int Step, Moment Moment, int Victim, int Hold);
