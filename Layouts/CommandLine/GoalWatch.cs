using System.Globalization;
using Contracts.Layouts;
using Layouts.Admin;
using Layouts.Steps;

namespace Layouts.CommandLine;

/// <summary>How waiting for a goal ended.</summary>
/// <param name="ExitCode">For the shell.</param>
/// <param name="Text">For people.</param>
/// <param name="Json">The last status that was seen, for programs; null: none was.</param>
internal sealed record GoalEnd(int ExitCode, string Text, string? Json);

/// <summary>
/// Waits until a goal is reached. The driver takes a goal away only when every live node has applied what it asks for, so it is reached when it is
/// gone and the layout is what it was to be; gone without that, somebody took it away.
/// </summary>
internal sealed class GoalWatch(AdminClient client, CommandEnvironment environment, Action<string>? say)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    public async Task<GoalEnd> WaitAsync(LayoutPlan goal, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(patience, environment.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var tick = new PeriodicTimer(Interval, environment.Time);
        var seen = "";
        var waits = "no answer yet";
        string? json = null;
        try
        {
            while (true)
            {
                var answer = await client.StatusAsync(goal.Scope, either.Token);
                if (answer.Value is { Scopes: [var scope] } status)
                {
                    json = answer.Json;
                    if (End(goal, scope, json) is { } end)
                    {
                        return end;
                    }

                    waits = Waits(scope, status.Driver);
                    seen = Tell(scope, seen);
                }
                else if (answer.Problem is { IsTransient: false } problem)
                {
                    return new GoalEnd(ExitCodes.Refused, $"{problem.Title} ({problem.Status}) {problem.Detail}", json);
                }
                else
                {
                    // The node may restart while it is waited for; another one continues with the goal.
                    waits = answer.Problem?.Detail ?? answer.Unreachable ?? waits;
                }

                await tick.WaitForNextTickAsync(either.Token);
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new GoalEnd(ExitCodes.TimedOut, $"Not reached within {patience}. The nodes continue; waiting for: {waits}.", json);
        }
    }

    private static GoalEnd? End(LayoutPlan goal, ScopeView scope, string json)
    {
        if (scope.Goal is { } current)
        {
            return current.At == goal.GoalAt ? null : new GoalEnd(ExitCodes.Refused, $"{current.By} set another goal: {current.Name}.", json);
        }

        var isReached = goal.Target is { } target ? scope.HasOwn && LayoutPath.AreSame(target, scope.State) : !scope.HasOwn;
        return isReached
            ? new GoalEnd(ExitCodes.Done, $"Reached: {goal.Scope} is {scope.Name}, and every live node has applied it.", json)
            : new GoalEnd(ExitCodes.Refused, $"The goal was taken away before it was reached: {goal.Scope} is {scope.Name}.", json);
    }

    private static string Waits(ScopeView scope, DriverLease? driver) =>
        scope.Goal is { WaitsFor: { Count: > 0 } waits } ? string.Join("; ", waits)
        : driver is null ? $"a driver, at {scope.Name}: no node has the lease at the moment"
        : string.Create(
            CultureInfo.InvariantCulture, $"the driver {driver.Holder}, at {scope.Name}; its lease ends in {driver.RemainingMilliseconds / 1000.0:0.0} s if it is gone");

    private string Tell(ScopeView scope, string seen)
    {
        var now = $"{scope.Name}, {scope.Goal!.StepsLeft} step(s) left";
        if (now != seen)
        {
            say?.Invoke(now);
        }

        return now;
    }
}
