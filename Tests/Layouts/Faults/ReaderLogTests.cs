using Microsoft.Extensions.Time.Testing;

namespace Tests.Layouts.Faults;

/// <summary>The judge of the fault schedules objects to every way of breaking the promise, and to nothing else.</summary>
public sealed class ReaderLogTests
{
    private readonly ReaderLog _ordered = new("ordered", isOrdered: true);
    private readonly ReaderLog _free = new("free", isOrdered: false);
    private readonly FakeTimeProvider _time = new();
    private readonly Sent _signals;
    private readonly Sent _events;

    public ReaderLogTests()
    {
        (_signals, _events) = (new Sent(_time), new Sent(_time));
        _ordered.Subscribed(0, 0, 0);
        _free.Subscribed(0, 0, 0);
    }

    [Fact]
    public void HasNothingToSay_WhenEverythingCameOnce()
    {
        foreach (var seq in (long[])[1, 2, 3])
        {
            _ordered.Message(seq);
        }

        foreach (var seq in (long[])[2, 3, 1])
        {
            _free.Message(seq);
        }

        Take(_signals, _ordered.Signal, 3);
        Take(_events, _ordered.Event, 3);
        Assert.Null(_ordered.Lacks(3, _signals, _events));
        Assert.Empty(_ordered.Faults);
        Assert.Empty(_free.Faults);
        Assert.Equal(3, _free.Position);
    }

    [Fact]
    public void Objects_WhenAMessageIsLost()
    {
        _ordered.Message(1);
        _free.Message(1);
        _free.Message(3);
        Assert.NotNull(_ordered.Lacks(2, _signals, _events));
        Assert.NotNull(_free.Lacks(3, _signals, _events));
    }

    [Fact]
    public void Objects_WhenAMessageComesTwice()
    {
        _free.Message(1);
        _free.Message(1);
        Assert.Contains("message 1 twice", Assert.Single(_free.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Objects_WhenMessagesAreMisordered_WhereTheServerOrders()
    {
        _ordered.Message(2);
        _ordered.Message(1);
        Assert.Contains(_ordered.Faults, static fault => fault.Contains("message 2 behind 0", StringComparison.Ordinal));
    }

    [Fact]
    public void Objects_WhenAResumeLeavesAGap()
    {
        _ordered.Message(1);
        _ordered.Subscribed(1, 0, 0);
        _ordered.Message(3);
        Assert.Contains("message 3 behind 1", Assert.Single(_ordered.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Objects_WhenASignalOrAnEventComesTwiceOnAConnection()
    {
        _ordered.Signal(1);
        _ordered.Signal(1);
        _ordered.Event(1);
        _ordered.Event(1);
        Assert.Equal(2, _ordered.Faults.Count);
    }

    [Fact]
    public void Objects_WhenASignalIsMissing_AndNothingWasSaid()
    {
        Take(_signals, static _ => { }, 1);
        Assert.NotNull(_ordered.Lacks(0, _signals, _events));
    }

    [Fact]
    public void IsContent_WhenASignalIsMissing_AndThatWasSaid()
    {
        Take(_signals, static _ => { }, 1);
        _ordered.Interrupted(1, 0);
        Assert.Null(_ordered.Lacks(0, _signals, _events));
        Assert.Equal(1, _ordered.Interruptions);
    }

    [Fact]
    public void Objects_WhenAConnectionEnds_AndAnEarlierSignalHasNotCome_UnlessItMayHaveBeenOnItsWay()
    {
        Take(_signals, static _ => { }, 20);
        _ordered.Signal(20);
        _ordered.Closed(_signals, _events, nodeWasWell: true);
        Assert.Empty(_ordered.Faults);

        _time.Advance(ReaderLog.OnItsWay);
        _ordered.Closed(_signals, _events, nodeWasWell: true);
        Assert.Contains(_ordered.Faults, static fault => fault.Contains("signal 1 was left out, 20 came", StringComparison.Ordinal));
    }

    /// <summary>So many were taken by the system, each of which is then given to <paramref name="came"/>.</summary>
    private static void Take(Sent sent, Action<long> came, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var number = sent.Begin();
            sent.Take(number);
            came(number);
        }
    }
}
