using System.Collections.Concurrent;
using System.Globalization;
using Contracts;
using Contracts.Layouts;
using Tests.Infrastructure;

namespace Tests.Dbman.Layouts;

/// <summary>
/// Drivers and nodes hammer two replicas at once, and their answers are checked against the protocol. Choices come from a seed (the environment's
/// LAYOUTS_SEED, else a new one, which is printed); how they interleave is up to the machine.
/// </summary>
public sealed class LayoutRaceTests(DataServers servers, ITestOutputHelper output)
{
    private const int Changes = 60;
    private const int Nodes = 5;

    private static readonly LayoutScope[] Scopes = [LayoutScope.All, new("t"), new("t", "r")];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task NoNodeIsGrantedMoreThanOneRecordBehind_WhenHeartbeatsRaceChanges()
    {
        var seed = Environment.GetEnvironmentVariable("LAYOUTS_SEED") is { } given ? int.Parse(given, CultureInfo.InvariantCulture) : Random.Shared.Next();
        output.WriteLine($"LAYOUTS_SEED={seed}");
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var one = await DbmanApp.StartAsync(database, Token);
        await using var two = await DbmanApp.StartAsync(database, Token);
        var run = new Run(database, [one, two]);

        var drivers = Task.WhenAll(Enumerable.Range(0, 2).Select(index => run.DriveAsync(new Random(seed ^ (index + 1)))));
        var nodes = Task.WhenAll(Enumerable.Range(0, Nodes).Select(index => run.LiveAsync($"n{index}", new Random(seed ^ (index + 101)))));
        await drivers;
        run.Stop();
        await nodes;

        Assert.True(run.Violations.IsEmpty, $"seed {seed}: " + string.Join("; ", run.Violations.Take(5)));
        output.WriteLine($"{run.Granted} granted, {run.Behind} of them one record behind, {run.Denied} not granted; {run.Barriers} barriers, {run.Conflicts} conflicts");
        await AssertOrderAsync(one, seed);

        // It was a race: each of the cases occurred.
        Assert.True(run is { Behind: > 0, Denied: > 0, Barriers: > 0 }, $"seed {seed}: nothing raced");
    }

    /// <summary>Epochs without gap, and every record of a scope one that may follow the one before.</summary>
    private static async Task AssertOrderAsync(DbmanApp app, int seed)
    {
        var records = (await app.Client.Layouts.GetHistoryAsync(null, Limits.Page, Token)).Ok().Items.Reverse().ToList();
        Assert.Equal(Enumerable.Range(1, records.Count).Select(static epoch => (long)epoch), records.Select(static record => record.Epoch));
        foreach (var scope in records.GroupBy(static record => record.Scope))
        {
            foreach (var (before, after) in scope.Zip(scope.Skip(1)))
            {
                Assert.True(
                    before.State is null || after.State is null || LayoutRules.AreCompatible(before.State, after.State),
                    $"seed {seed}: {scope.Key} went from {before.State} to {after.State}");
            }
        }
    }

    private sealed class Run(TestDatabase database, DbmanApp[] apps)
    {
        private readonly CancellationTokenSource _stop = new();
        private long _newest;
        private int _granted;
        private int _behind;
        private int _denied;
        private int _barriers;
        private int _conflicts;

        public ConcurrentQueue<string> Violations { get; } = new();

        public int Granted => _granted;

        public int Behind => _behind;

        public int Denied => _denied;

        public int Barriers => _barriers;

        public int Conflicts => _conflicts;

        public void Stop() => _stop.Cancel();

        /// <summary>Walks scopes to and fro between legacy and shadow, and opens and gives up the narrower ones, until there were enough changes.</summary>
        public async Task DriveAsync(Random random)
        {
            while (Volatile.Read(ref _newest) < Changes)
            {
                var client = apps[random.Next(apps.Length)].Client;
                var scope = Scopes[random.Next(Scopes.Length)];
                var own = (await client.Layouts.GetAsync(0, Token)).Ok().Records.SingleOrDefault(record => record.Scope == scope);
                LayoutState? state = random.Next(4) == 0 && own is not null ? null
                    : own?.State?.Stage == LayoutStages.Legacy ? Layout.Shadow()
                    : own is null && random.Next(2) == 0 ? Layout.Shadow()
                    : Layout.Legacy();
                var result = await client.TryChangeAsync(scope, own?.Epoch ?? 0, state, Token);
                if (result.IsSuccess)
                {
                    Raise(result.Value.Epoch);
                }
                else if (result.Problem.Is(ProblemTypes.LayoutBarrier))
                {
                    Interlocked.Increment(ref _barriers);
                }
                else if (result.Problem.Is(ProblemTypes.LayoutConflict))
                {
                    Interlocked.Increment(ref _conflicts);
                }
                else if (result.Problem.Status is not (400 or 503))
                {
                    Violations.Enqueue($"a driver was answered {result.Problem}");
                }
            }
        }

        /// <summary>
        /// A node that applies what it receives, sometimes late, and sometimes is away until its lease has expired and layouts have moved on.
        /// </summary>
        public async Task LiveAsync(string node, Random random)
        {
            long applied = 0;
            long told = 0;
            while (!_stop.IsCancellationRequested)
            {
                var client = apps[random.Next(apps.Length)].Client;
                applied = random.Next(3) == 0 ? told : applied;
                var result = await client.Layouts.BeatAsync(node, new NodeHeartbeat(applied, told, 120_000), Token);
                if (!result.IsSuccess)
                {
                    Violations.Enqueue($"{node} at {applied} was answered {result.Problem}");
                    continue;
                }

                var (granted, layouts) = (result.Value.Granted, result.Value.Layouts);
                Judge(node, applied, granted, layouts.Revision);
                if (layouts.Records.Any(record => record.Epoch <= told || record.Epoch > layouts.Revision) || layouts.Revision < told)
                {
                    Violations.Enqueue($"{node} knew {told} and got {layouts}");
                }

                told = layouts.Revision;
                if (random.Next(20) == 0)
                {
                    await BeAwayAsync(node, applied);
                }
            }
        }

        private void Judge(string node, long applied, bool granted, long revision)
        {
            Interlocked.Increment(ref granted ? ref _granted : ref _denied);
            if (granted && applied < revision)
            {
                Interlocked.Increment(ref _behind);
            }

            if (applied > revision || (granted ? applied < revision - 1 : applied == revision))
            {
                Violations.Enqueue($"{node} with {applied} applied was {(granted ? "" : "not ")}granted at revision {revision}");
            }
        }

        private async Task BeAwayAsync(string node, long applied)
        {
            await database.ExecuteAsync($"UPDATE layout_nodes SET lease_until = 'epoch' WHERE node_id = '{node}'", Token);
            while (!_stop.IsCancellationRequested && (await apps[0].Client.Layouts.GetAsync(0, Token)).Ok().Revision < applied + 3)
            {
                // Asking is what takes the time.
            }
        }

        private void Raise(long epoch)
        {
            long seen;
            do
            {
                seen = Volatile.Read(ref _newest);
            }
            while (seen < epoch && Interlocked.CompareExchange(ref _newest, epoch, seen) != seen);
        }
    }
}
