namespace Tests.Realtime.Model;

/// <summary>A rule that the protocol lacks, to see that the model notices.</summary>
internal enum Weakness
{
    None,

    /// <summary>dbman adds records while live nodes are behind.</summary>
    BarrierIgnored,

    /// <summary>dbman lets anything follow anything: canary to legacy at once.</summary>
    NeighboursNotChecked,

    /// <summary>dbman grants an expired lease to a node that is behind.</summary>
    LeaseForNodesBehind,

    /// <summary>dbman's lease ends together with the node's, without a margin for the answer that is on its way.</summary>
    LeaseFromAnswer,

    /// <summary>A node's notice that it leaves counts although the node was heard from since.</summary>
    LateLeaveHolds,

    /// <summary>A node says that it has applied a change before its rooms listen.</summary>
    ReportBeforeListening,

    /// <summary>A node says that it has applied a change while publishes by the layouts before are under way.</summary>
    ReportBeforePublishesEnd,

    /// <summary>Old channels are left as soon as the new ones are listened to.</summary>
    NoOverlap,

    /// <summary>A publish counts although more time passed between its copies than old channels are kept.</summary>
    SlowCopiesCount,

    /// <summary>A publish counts whose node has lost its lease meanwhile.</summary>
    LeaseNotCheckedAfterwards,

    /// <summary>A publish counts whose node has lost its lease, and got it again for much newer layouts.</summary>
    RevisionNotCheckedAfterwards,

    /// <summary>A node that was passed over keeps its clients.</summary>
    PassedOverKeepClients,

    /// <summary>The same, only for nodes that never had a lease before.</summary>
    NewNodesKeepClients,

    /// <summary>A node that gets no lease gets no records either. Takes progress away, not safety.</summary>
    RefusalsBringNothing,
}
