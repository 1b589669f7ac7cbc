using Bench.Fanout;
using Contracts;

namespace Bench.Drill;

/// <summary>How much, how long, and what is still good enough.</summary>
internal sealed record DrillPlan(int Rooms, int Readers, int Writers, int Rate, TimeSpan Calm, TimeSpan Hurt, double P99, double PeakP99, double ErrorRate)
{
    /// <summary>The step that the autoscalers of a cluster are sized for; the load of deploy/k6 has it too.</summary>
    public const int Peak = 4;

    public static DrillPlan Of(Arguments arguments) => new(
        arguments.Number("rooms", 4),
        arguments.Number("readers", 4),
        arguments.Number("writers", 32),
        arguments.Number("rate", 100),
        TimeSpan.FromSeconds(arguments.Number("calm", 15)),
        TimeSpan.FromSeconds(arguments.Number("hurt", 5)),
        arguments.Number("p99", 500),
        arguments.Number("peak", 1_000),
        arguments.Number("errors", 5) / 100.0);
}

/// <summary>
/// Goes through a step of the load and through faults while messages flow, and says go or no-go: nothing lost, duplicated or out of order for any
/// reader over the whole run; within the bounds while nothing is broken; few failed posts in all.
/// </summary>
internal static class DrillRun
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        var plan = DrillPlan.Of(arguments);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(8), TimeProvider.System);
        await Console.Error.WriteLineAsync("Starting the system.");
        await using var system = await DrillSystem.StartAsync(limit.Token);
        DrillPhase[] phases =
        [
            new("calm"),
            new("four times the rate", DrillPlan.Peak),
            new("calm"),
            new("a realtime node is killed", Fault: token => ThenAsync(system.KillOneAsync(ServiceNames.Realtime, token), ServiceNames.Realtime, token)),
            new("calm"),
            new("Redis stops and starts again", Fault: token => ThenAsync(system.StopAsync(ServiceNames.Redis, token), ServiceNames.Redis, token)),
            new("calm"),
            new("all of dbman stops and starts again", Fault: token => ThenAsync(system.StopAsync(ServiceNames.Dbman, token), ServiceNames.Dbman, token)),
            new("calm"),
        ];
        await using var load = await DrillLoad.OpenAsync(system, plan, phases.Length, limit.Token);
        for (var phase = 0; phase < phases.Length; phase++)
        {
            await Console.Error.WriteLineAsync($"{phase + 1} of {phases.Length}: {phases[phase].Name}");
            load.Enter(phase, phases[phase].Rate);
            if (phases[phase].Fault is { } fault)
            {
                await fault(limit.Token);
                await system.HealthyAsync(limit.Token);
            }

            // After a fault the same time belongs to it: what piled up is delivered.
            await Task.Delay(plan.Calm, TimeProvider.System, limit.Token);
        }

        await load.EndAsync(TimeSpan.FromMinutes(1));
        return DrillTable.Print(plan, phases, load);

        async Task ThenAsync(Task struck, string service, CancellationToken token)
        {
            await struck;
            await Task.Delay(plan.Hurt, TimeProvider.System, token);
            await system.ReviveAsync(service, token);
        }
    }
}
