using Contracts.Layouts;
using Dbman.Requests;

namespace Dbman.Layouts;

/// <summary>The form of what is written about layouts.</summary>
internal static class LayoutChecks
{
    public const int MaxName = 100;
    public const int MaxReason = 500;

    /// <summary>A scope, and what is to hold for it; no state means that it is given up.</summary>
    public static void State(ref this Check check, string name, LayoutScope scope, LayoutState? state)
    {
        check.Scope(scope);
        if (state?.Canary is { } canary)
        {
            check.List($"{name}.canary.tenants", canary.Tenants, CanaryRule.MaxEntries);
            check.List($"{name}.canary.rooms", canary.Rooms, CanaryRule.MaxEntries);
        }

        // The rule says which member of the state it is about.
        if (check.Problem is null && state is not null && LayoutRules.Check(scope, state) is { } rule)
        {
            check.That(false, name, rule);
        }
    }

    public static void Scope(ref this Check check, LayoutScope scope) =>
        check.That(scope.IsValid, "scope", "must have valid ids, and a room its tenant.");

    /// <summary>Who asks, and why.</summary>
    public static void Origin(ref this Check check, string by, string? reason)
    {
        check.Text("by", by, MaxName);
        check.OptionalText("reason", reason, MaxReason);
    }
}
