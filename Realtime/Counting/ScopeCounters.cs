using Contracts.Layouts;
using ServiceDefaults.Telemetry;

namespace Realtime.Counting;

/// <summary>What is counted apart for the rooms of one scope.</summary>
internal sealed class ScopeCounters(LayoutScope scope)
{
    private readonly LatencyCounters _legacy = new();
    private readonly LatencyCounters _sharded = new();
    private readonly long[] _parity = new long[Enum.GetValues<ParityResult>().Length];
    private long _failed;

    public void Published(bool isSharded, int bucket, int events) => (isSharded ? _sharded : _legacy).Add(bucket, events);

    public void Failed(int events) => Interlocked.Add(ref _failed, events);

    public void Compared(ParityResult result) => Interlocked.Increment(ref _parity[(int)result]);

    public ScopeFigures Read() => new(
        scope,
        new ParityFigures(
            Count(ParityResult.Match), Count(ParityResult.Missing), Count(ParityResult.Extra), Count(ParityResult.Payload), Count(ParityResult.Skipped)),
        _legacy.Read(),
        _sharded.Read(),
        Interlocked.Read(ref _failed));

    private long Count(ParityResult result) => Interlocked.Read(ref _parity[(int)result]);
}
