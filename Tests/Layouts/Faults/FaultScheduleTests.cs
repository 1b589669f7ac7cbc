using System.Collections.Concurrent;
using System.Globalization;
using Tests.Infrastructure;

namespace Tests.Layouts.Faults;

/// <summary>
/// Rooms move between channel layouts while nodes die, freeze and lose Redis or dbman, in every step and at random: no reader loses, duplicates or
/// reorders a message, gets a signal or a system event twice on a connection, or misses one without notice.
/// </summary>
public sealed class FaultScheduleTests(DataServers servers)
{
    /// <summary>Names the seed of the one schedule to run again.</summary>
    public const string SeedVariable = "LAYOUT_SEED";

    /// <summary>How many fresh schedules to run; 1 by default.</summary>
    public const string CountVariable = "LAYOUT_SCHEDULES";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task NothingIsLostDoubledOrMisordered_WhenSomethingFailsInEveryStep() => await RunAsync([Schedule.OfAll(0)]);

    [Fact]
    public async Task NothingIsLostDoubledOrMisordered_WhenAnythingFailsAtAnyTime()
    {
        var given = Environment.GetEnvironmentVariable(SeedVariable);
        var count = int.Parse(Environment.GetEnvironmentVariable(CountVariable) ?? "1", CultureInfo.InvariantCulture);
        int[] seeds = given is not null ? [int.Parse(given, CultureInfo.InvariantCulture)] : [2_026, .. Enumerable.Range(0, count).Select(static _ => Random.Shared.Next())];
        await RunAsync([.. seeds.Select(Schedule.Of)]);
    }

    private async Task RunAsync(IReadOnlyList<Schedule> schedules)
    {
        var seen = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        foreach (var schedule in schedules)
        {
            try
            {
                await using var rig = await FaultRig.StartAsync(await servers.CreateDatabaseAsync(Token), await servers.GetRedisConnectionStringAsync(Token));
                await using var load = new FaultLoad(rig);
                var runner = new ScheduleRunner(rig, load);
                await runner.RunAsync(schedule);
                Say($"{schedule}\n  {await load.FinishAsync()}");
                foreach (var (what, times) in runner.Seen)
                {
                    seen.AddOrUpdate($"{what.Kind} {what.Moment}", times, (_, before) => before + times);
                }
            }
            catch (Exception exception) when (!Token.IsCancellationRequested)
            {
                Assert.Fail($"{schedule}\n{SeedVariable}=<seed> runs it again.\n{exception}");
            }
        }

        Say(string.Join("\n", seen.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => $"{pair.Key}: {pair.Value}")));
    }

    private static void Say(string text)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(text);
        TestContext.Current.SendDiagnosticMessage(text);
    }
}
