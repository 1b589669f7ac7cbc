using Contracts.Layouts;

namespace Layouts.Admin;

/// <summary>Autopilots, as the node that drives sees them.</summary>
/// <param name="By">That node; null: none has reported.</param>
/// <param name="Scopes">Scopes that are on autopilot.</param>
internal sealed record AutopilotsView(string? By, IReadOnlyList<AutopilotRow> Scopes);

/// <summary>One scope on autopilot.</summary>
/// <param name="Scope"><c>all</c>, <c>tenant</c> or <c>tenant/room</c>.</param>
/// <param name="Layout">What holds for it, in words.</param>
/// <param name="Goal">Where it leads, in words.</param>
/// <param name="IsDry">Whether decisions are written and nothing is done.</param>
/// <param name="By">Who asked.</param>
/// <param name="At">When.</param>
/// <param name="Reason">Why.</param>
/// <param name="Status">Stage, gates and soak; null: the driver has not reported yet.</param>
/// <param name="Ladder">Stages on the way, in words; from where it is.</param>
internal sealed record AutopilotRow(
    string Scope,
    string Layout,
    string Goal,
    bool IsDry,
    string By,
    DateTimeOffset At,
    string? Reason,
    AutopilotStatusView? Status,
    IReadOnlyList<string> Ladder);

/// <summary>See <see cref="AutopilotStatus"/>.</summary>
/// <param name="Stage">The layout whose gates are looked at.</param>
/// <param name="Next">Where it leads when they hold; null: the goal is reached then.</param>
/// <param name="Verdict">hold, promote or roll-back.</param>
/// <param name="Text">Why.</param>
/// <param name="SoakedSeconds">How long the gates have been looked at.</param>
/// <param name="SoakSeconds">How long they have to hold.</param>
/// <param name="Gates">Each with its figure.</param>
internal sealed record AutopilotStatusView(
    string Stage, string? Next, string Verdict, string Text, double SoakedSeconds, double SoakSeconds, IReadOnlyList<GateStatus> Gates);

/// <summary>Starts the autopilot of a scope.</summary>
/// <param name="Scope"><c>all</c>, <c>tenant</c> or <c>tenant/room</c>.</param>
/// <param name="Shards">Message shards; null: as it is. Another number only from legacy or shadow.</param>
/// <param name="DryRun">Decisions are written, and nothing is done.</param>
/// <param name="Reason">Why; up to 500 characters.</param>
/// <param name="By">Who asks, where a service asks for somebody; up to 100 characters.</param>
internal sealed record AutopilotRequest(string Scope, int? Shards = null, bool DryRun = false, string? Reason = null, string? By = null);
