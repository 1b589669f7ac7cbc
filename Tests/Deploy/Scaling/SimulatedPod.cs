namespace Tests.Deploy.Scaling;

/// <summary>One replica: when it came, what it has to do, and what was measured of it.</summary>
internal sealed class SimulatedPod(double created, double startUp)
{
    /// <summary>Runtime and caches warm up on one core.</summary>
    private const double StartSeconds = 5;

    private const int Kept = 60;

    private readonly double[] _cpu = new double[Kept];
    private readonly double[] _refused = new double[Kept];
    private readonly double[] _slow = new double[Kept];
    private int _seconds;

    public double Created { get; } = created;

    public double ReadyAt { get; } = created + startUp;

    /// <summary>Work that waits, in seconds of one core.</summary>
    public double Queue { get; set; }

    public double Sockets { get; set; }

    /// <summary>What the metrics server shows, and of when it is.</summary>
    public (double Cpu, double At)? Shown { get; private set; }

    /// <summary>What Prometheus shows: p95 in seconds, refused requests a second, sockets.</summary>
    public (double P95, double Refused, double Sockets)? Scraped { get; private set; }

    public bool IsReady(double now) => now >= ReadyAt;

    public void Record(double now, double cpu, double refused, double latency)
    {
        var at = _seconds++ % Kept;
        _cpu[at] = cpu + (now - Created < StartSeconds ? 1 : 0);
        _refused[at] = refused;
        _slow[at] = latency;
    }

    /// <summary>Each of the two shows nothing before its second look.</summary>
    public void ScrapeResources(double now, int period)
    {
        if (_seconds >= period)
        {
            Shown = (Last(_cpu, period).Average(), now);
        }
    }

    public void ScrapeMetrics(int period)
    {
        if (_seconds >= period)
        {
            var latencies = Last(_slow, Kept).Order().ToList();
            Scraped = (latencies[(int)(0.95 * (latencies.Count - 1))], Last(_refused, Kept).Average(), Sockets);
        }
    }

    private IEnumerable<double> Last(double[] ring, int count) =>
        Enumerable.Range(1, Math.Min(count, _seconds)).Select(back => ring[(_seconds - back) % Kept]);
}
