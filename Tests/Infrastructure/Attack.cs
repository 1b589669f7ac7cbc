namespace Tests.Infrastructure;

/// <summary>
/// Callers that hold a service's permits with next to no traffic. Each reconnects as soon as its connection has ended, until the attack is disposed.
/// </summary>
internal sealed class Attack : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    /// <param name="attackers">How many.</param>
    /// <param name="attack">What the n-th does on one connection.</param>
    public Attack(int attackers, Func<int, CancellationToken, Task> attack) =>
        _running = Task.WhenAll(Enumerable.Range(0, attackers).Select(number => RepeatAsync(number, attack)));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    /// <summary>Waits until a service's limit has so many requests running, or more.</summary>
    public static Task HoldsAsync(Uri service, string limit, int running) => Eventually.ClearAsync(async () =>
    {
        var held = await GaugeAsync(service, $"concurrency_running{{", limit);
        return held >= running ? null : $"{held} requests run under '{limit}', not {running}";
    });

    /// <summary>Waits until a service says that it has ended a request for another's sake: what it exports is a moment old.</summary>
    public static Task EvictedAsync(Uri service, string limit) => Eventually.ClearAsync(async () =>
        await GaugeAsync(service, "concurrency_evicted_total{", limit) > 0 ? null : $"no request was ended under '{limit}'");

    /// <summary>A metric of one limit.</summary>
    public static async Task<double> GaugeAsync(Uri service, string name, string limit)
    {
        using var http = new HttpClient { BaseAddress = service };
        var metrics = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        return metrics.Split('\n')
            .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line.Contains($"limit=\"{limit}\"", StringComparison.Ordinal))
            .Sum(static line => double.Parse(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));
    }

    private async Task RepeatAsync(int number, Func<int, CancellationToken, Task> attack)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await attack(number, _stop.Token);
            }
            catch (Exception exception) when (exception is System.Net.Sockets.SocketException or OperationCanceledException)
            {
                // Cut off while it connected or wrote: once more.
            }
        }
    }
}
