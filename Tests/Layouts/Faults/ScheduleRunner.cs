using System.Collections.Concurrent;
using Contracts.Layouts;
using Realtime.Channels;
using Tests.Dbman;
using Tests.Infrastructure;
using Tests.Realtime;

namespace Tests.Layouts.Faults;

/// <summary>Walks a schedule's legs over a rig under load, strikes at the moments that it names, and heals what it broke.</summary>
internal sealed class ScheduleRunner(FaultRig rig, FaultLoad load)
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<(FaultKind Kind, Moment Moment), int> _seen = new();

    // Of the present leg; under the gate.
    private readonly List<ScheduledFault> _armed = [];
    private readonly List<Task> _healing = [];
    private ScheduledFault? _awaitsHeartbeat;
    private FaultNode? _heartbeatOf;
    private int _step;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>How often each fault struck at each moment.</summary>
    public IReadOnlyDictionary<(FaultKind Kind, Moment Moment), int> Seen => _seen;

    public async Task RunAsync(Schedule schedule)
    {
        rig.OnCall = OnCall;
        rig.OnAnswered = OnAnswered;
        foreach (var leg in schedule.Legs)
        {
            lock (_gate)
            {
                _step = 0;
                _armed.AddRange(leg.Faults);
            }

            (await rig.Plane.SetGoalAsync(new SetLayoutGoalRequest(rig.Scope, leg.Target, Autopilot: false, "test", schedule.Name), Token)).Ok();
            await ArrivedAsync(leg.Target);

            // Faults that did not strike on the way strike now; then everything heals, and stays healthy.
            StrikeRest();
            await HealedAsync();
            await ArrivedAsync(leg.Target);
            await load.TryMoreAsync(150);
            await CheckOtherTenantAsync();
            Assert.True(load.Faults.Count == 0, $"{load.Faults.Count} FAULTS: {string.Join("; ", load.Faults.Take(40))}");
        }

        rig.OnCall = static (_, _) => null;
        rig.OnAnswered = static (_, _) => { };
    }

    private Task ArrivedAsync(LayoutState target) => Eventually.ClearAsync(async () => load.Ended() ?? await rig.ObstacleAsync(target));

    /// <summary>A tenant's layouts are its own: nobody listens to shards of another one's rooms.</summary>
    private async Task CheckOtherTenantAsync()
    {
        var other = rig.Rooms[^1];
        await Eventually.ClearAsync(async () => await rig.ChannelsOfAsync(other.Tenant) is var channels && channels.Count > 0 ? null : "nobody listens to the other tenant's room");
        Assert.Equal([ChannelNames.Legacy(other)], await rig.ChannelsOfAsync(other.Tenant));
    }

    private async Task HealedAsync()
    {
        while (true)
        {
            Task[] healing;
            lock (_gate)
            {
                healing = [.. _healing];
                _healing.Clear();
            }

            if (healing.Length == 0)
            {
                return;
            }

            await Task.WhenAll(healing);
        }
    }

    private PlaneWire.Fault? OnCall(FaultNode node, HttpRequestMessage request)
    {
        if (!PlaneWire.IsChange(request))
        {
            return null;
        }

        foreach (var fault in Take(Moment.BeforeTheRecord))
        {
            Begin(fault, node);
            if (fault.Kind == FaultKind.AnswerLost)
            {
                return PlaneWire.Fault.AnswerLost;
            }
        }

        return node.IsDead ? PlaneWire.Fault.Refused : null;
    }

    private void OnAnswered(FaultNode node, HttpRequestMessage request)
    {
        if (PlaneWire.IsChange(request))
        {
            foreach (var fault in Take(Moment.BehindTheRecord))
            {
                Begin(fault, node);
            }

            lock (_gate)
            {
                _awaitsHeartbeat ??= TakeOne_NeedsGate(Moment.WhileItIsApplied);
                _heartbeatOf = _awaitsHeartbeat is { } fault ? VictimOf(fault, node) : null;
                _step++;
            }
        }
        else if (PlaneWire.IsHeartbeat(request))
        {
            ScheduledFault? due = null;
            lock (_gate)
            {
                if (_awaitsHeartbeat is { } fault && (_heartbeatOf == node || _heartbeatOf?.IsDead == true))
                {
                    (due, _awaitsHeartbeat) = (fault, null);
                }
            }

            if (due is not null)
            {
                Begin(due, node);
            }
        }

        if (node.IsDead)
        {
            throw new HttpRequestException("The node is gone.");
        }
    }

    private ScheduledFault[] Take(Moment moment)
    {
        lock (_gate)
        {
            var due = _armed.Where(fault => fault.Step <= _step && fault.Moment == moment).ToArray();
            _armed.RemoveAll(due.Contains);
            return due;
        }
    }

    private ScheduledFault? TakeOne_NeedsGate(Moment moment)
    {
        var due = _armed.FirstOrDefault(fault => fault.Step <= _step && fault.Moment == moment);
        return due is not null && _armed.Remove(due) ? due : null;
    }

    private void StrikeRest()
    {
        ScheduledFault[] rest;
        lock (_gate)
        {
            rest = [.. _armed, .. _awaitsHeartbeat is { } awaited ? [awaited] : Array.Empty<ScheduledFault>()];
            _armed.Clear();
            _awaitsHeartbeat = null;
        }

        foreach (var fault in rest)
        {
            Begin(fault, rig.Driver() ?? rig.Victim(fault.Victim));
        }
    }

    private FaultNode VictimOf(ScheduledFault fault, FaultNode driver) => fault.Kind == FaultKind.DriverDies ? driver : rig.Victim(fault.Victim);

    /// <summary>Breaks at once, and heals in the background.</summary>
    private void Begin(ScheduledFault fault, FaultNode driver)
    {
        _seen.AddOrUpdate((fault.Kind, fault.Moment), 1, static (_, count) => count + 1);
        var all = rig.Alive;
        var victim = fault.Kind == FaultKind.DriverDies ? rig.Driver() ?? driver : rig.Victim(fault.Victim);
        Func<Task> heal = fault.Kind switch
        {
            FaultKind.NodeDies or FaultKind.DriverDies => Kill(victim, fault.Hold),
            FaultKind.NodeCutFromRedis => CutRedis([victim], fault.Hold),
            FaultKind.RedisRestarts => CutRedis(all, fault.Hold),
            FaultKind.NodeCutFromDbman => CutDbman([victim], fault.Hold),
            FaultKind.DbmanAway => CutDbman(all, fault.Hold),
            FaultKind.RedisStalls => Stall(victim, isFrozen: false, fault.Hold),
            FaultKind.NodeFreezes => Stall(victim, isFrozen: true, fault.Hold),
            FaultKind.AnswerLost => static () => Task.CompletedTask,
            _ => throw new ArgumentOutOfRangeException(nameof(fault)),
        };
        lock (_gate)
        {
            _healing.Add(Task.Run(heal, Token));
        }
    }

    private Func<Task> Kill(FaultNode victim, int hold)
    {
        rig.Kill(victim);
        return async () =>
        {
            await load.TryMoreAsync(hold);
            await rig.AddAsync();
        };
    }

    private Func<Task> CutRedis(IReadOnlyList<FaultNode> victims, int hold)
    {
        foreach (var victim in victims)
        {
            victim.BeginTrouble();
            victim.Redis.Cut();
        }

        return async () =>
        {
            await load.TryMoreAsync(hold);
            foreach (var victim in victims.Where(static victim => !victim.IsDead))
            {
                victim.Redis.Restore();
                victim.EndTrouble();
            }
        };
    }

    private Func<Task> CutDbman(IReadOnlyList<FaultNode> victims, int hold)
    {
        foreach (var victim in victims)
        {
            victim.Dbman.Cut();
        }

        return async () =>
        {
            await LeasesEndAsync(victims);
            await load.TryMoreAsync(hold);
            foreach (var victim in victims.Where(static victim => !victim.IsDead))
            {
                victim.Dbman.Restore();
            }
        };
    }

    private Func<Task> Stall(FaultNode victim, bool isFrozen, int hold)
    {
        victim.BeginTrouble();
        victim.Redis.Stall();
        if (isFrozen)
        {
            victim.Dbman.Stall();
        }

        return async () =>
        {
            if (isFrozen)
            {
                await LeasesEndAsync([victim]);
            }

            await load.TryMoreAsync(hold);
            victim.Redis.Resume();
            if (isFrozen)
            {
                victim.Dbman.Resume();
            }

            victim.EndTrouble();
        };
    }

    private static Task LeasesEndAsync(IReadOnlyList<FaultNode> victims) =>
        Eventually.ClearAsync(() => victims.FirstOrDefault(static victim => !victim.IsDead && victim.HasLease) is { } holder ? $"{holder.Name} holds its lease" : null);
}
