using Contracts.Messages;
using Realtime.Counting;

namespace Tests.Realtime.Counting;

/// <summary>The hottest rooms are found in bounded memory, and the counts keep their promise.</summary>
public sealed class RoomSketchTests
{
    [Fact]
    public void CountsAreNeverTooLowAndAboveByTheirErrorAtTheMost_OnASkewedStream()
    {
        const int Capacity = 64;
        var seed = Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new Random(seed);
        var sketch = new RoomSketch(Capacity);
        var truth = new Dictionary<RoomKey, long>();
        for (var i = 0; i < 100_000; i++)
        {
            // The cube of an even number: few rooms have most of the events, thousands have a handful.
            var room = new RoomKey("t", $"r{(int)(Math.Pow(random.NextDouble(), 3) * 5_000)}");
            truth[room] = truth.GetValueOrDefault(room) + 1;
            sketch.Add(room, isMessage: true);
        }

        var found = sketch.Top(Capacity);
        Assert.All(found, room =>
        {
            Assert.InRange(truth[room.Room], room.Events - room.Overcount, room.Events);
            Assert.InRange(room.Messages, 1, truth[room.Room]);
            Assert.InRange(room.Overcount, 0, sketch.Total / Capacity);
        });
        Assert.All(truth.Where(room => room.Value > sketch.Total / Capacity), room => Assert.Contains(found, known => known.Room == room.Key));
    }
}
