namespace Bench.Drill;

/// <summary>A stretch of the drill: calm, at a higher rate, or with a fault.</summary>
internal sealed record DrillPhase(string Name, int Rate = 1, Func<CancellationToken, Task>? Fault = null)
{
    public bool IsCalm => Rate == 1 && Fault is null;

    public bool IsPeak => Rate > 1;
}
