namespace Tests.Deploy.Scaling;

/// <summary>How a service uses its resources. Deliberately rough: the autoscaler sees ratios, and those depend on little else.</summary>
/// <param name="Name">As in the manifests.</param>
/// <param name="Cost">Cores that one request a second takes, or one socket.</param>
/// <param name="Cores">Of one replica at most: below the limit where something else ends first, as dbman's pool does.</param>
/// <param name="Sockets">Most sockets of a replica, which stay where they are; 0: requests, which go to any ready replica.</param>
internal sealed record ServiceModel(string Name, double Cost, double Cores, double Sockets = 0)
{
    /// <summary>An answer that did not wait.</summary>
    public const double Latency = 0.01;

    /// <summary>What waits longer is refused.</summary>
    public const double LongestWait = 1;

    /// <summary>New sockets that a replica takes a second: an upgrade checks a token and reads memberships.</summary>
    public const double Accepts = 1_000;

    /// <summary>Core seconds of one upgrade.</summary>
    public const double Upgrade = 0.0005;

    public static IReadOnlyList<ServiceModel> All { get; } =
    [
        new("dbman", 0.002, 1.0),
        new("realtime", 0.00006, 3.0, 20_000),
        new("chat", 0.003, 2.0),
        new("session", 0.1, 2.0),
        new("fileman", 0.02, 2.0),
    ];

    public static ServiceModel Named(string name) => All.Single(s => s.Name == name);

    /// <summary>One second of the service under so many requests, or so many sockets that want to be open. What was refused, or had to wait for a socket.</summary>
    public double Step(double now, double load, IReadOnlyList<SimulatedPod> pods)
    {
        var ready = pods.Where(p => p.IsReady(now)).ToList();
        foreach (var pod in pods.Except(ready))
        {
            pod.Record(now, 0, 0, Latency);
        }

        return ready.Count == 0 ? load : Sockets > 0 ? Connect(now, load, ready) : Serve(now, load / ready.Count, ready);
    }

    private double Serve(double now, double share, List<SimulatedPod> ready)
    {
        var refused = 0.0;
        foreach (var pod in ready)
        {
            var work = pod.Queue + (share * Cost);
            var done = Math.Min(work, Cores);
            pod.Queue = Math.Min(work - done, Cores * LongestWait);
            var lost = (work - done - pod.Queue) / Cost;
            refused += lost;
            pod.Record(now, done, lost, Latency + (pod.Queue / Cores));
        }

        return refused;
    }

    private double Connect(double now, double wanted, List<SimulatedPod> ready)
    {
        var missing = wanted - ready.Sum(static p => p.Sockets);
        if (missing < 0)
        {
            ready.ForEach(p => p.Sockets *= wanted / (wanted - missing));
        }

        // Round robin; a full one passes on to the next.
        var taken = ready.ToDictionary(static p => p, static _ => 0.0);
        for (var left = Math.Max(0, missing); left > 1e-6;)
        {
            var open = ready.Where(p => taken[p] < Accepts && p.Sockets < Sockets).ToList();
            if (open.Count == 0)
            {
                break;
            }

            var share = left / open.Count;
            foreach (var pod in open)
            {
                var takes = Math.Min(share, Math.Min(Accepts - taken[pod], Sockets - pod.Sockets));
                taken[pod] += takes;
                pod.Sockets += takes;
                left -= takes;
            }
        }

        foreach (var pod in ready)
        {
            pod.Record(now, Math.Min(Cores, (pod.Sockets * Cost) + (taken[pod] * Upgrade)), 0, Latency);
        }

        return Math.Max(0, wanted - ready.Sum(static p => p.Sockets));
    }
}
