using System.Runtime.InteropServices;

namespace Tests.Realtime.Model;

internal enum MoveKind
{
    // The control plane.
    Change,
    LeaseEndsAtPlane,
    LeaveArrives,

    // A node and its question.
    Refuse,
    Grant,
    Receive,
    Lose,
    GetOld,
    LeaseEnds,
    GiveUp,
    Crash,

    // Applying.
    Listen,
    Switch,
    Report,

    // The publish.
    Begin,
    Take,
    Outlast,
    Fail,
    Finish,
}

/// <summary>One move.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Node">To whom; where it has to do with a node.</param>
/// <param name="Value">Routing of a change, family of a copy; else 0.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LayoutMove(MoveKind Kind, int Node = 0, int Value = 0);
