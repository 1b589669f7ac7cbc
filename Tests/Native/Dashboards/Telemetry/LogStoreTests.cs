using System.Runtime.CompilerServices;
using Dashboard.Telemetry;
using Dashboard.Telemetry.Logs;

namespace Tests.Native.Dashboards.Telemetry;

public sealed class LogStoreTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void OldestAreGone_AtTenTimesTheBound()
    {
        var store = new LogStore(Some.Options(o => o.MaxLogCount = 1_000), TimeProvider.System);

        for (var i = 0; i < 10_000; i += 50)
        {
            store.Add([.. Enumerable.Range(i, 50).Select(n => Some.Entry($"{n}"))]);
        }

        Assert.Equal(1_000, store.Count);
        Assert.Equal(9_000, store.Dropped);
        Assert.Equal(Enumerable.Range(9_000, 1_000).Select(n => $"{n}"), store.Read().From(0).Select(e => e.Message));
        Assert.Equal("9999", store.Read().NewestFirst().First().Message);
    }

    [Fact]
    public void MemoryStaysBelowTheBound_WhenEntriesAreLarge()
    {
        const int Max = 1 << 20;
        var store = new LogStore(Some.Options(o => o.MaxLogBytes = Max), TimeProvider.System);
        var messages = Fill(store);

        Assert.InRange(store.Bytes, 1, Max);
        Assert.InRange(store.Count, 90, 110);

        // What was dropped is nobody's any more. The process' own figure would tell of other tests, too.
        GC.Collect();
        Assert.Equal(store.Count, messages.Count(static message => message.IsAlive));
        GC.KeepAlive(store);
    }

    [Fact]
    public void SnapshotIsNotMoved_ByWhatArrivesLater()
    {
        var store = new LogStore(Some.Options(o => o.MaxLogCount = 1_000), TimeProvider.System);
        store.Add([.. Enumerable.Range(0, 600).Select(n => Some.Entry($"{n}"))]);
        var snapshot = store.Read();

        store.Add([.. Enumerable.Range(600, 800).Select(n => Some.Entry($"{n}"))]);

        // What was dropped meanwhile is skipped; nothing that is newer shows.
        Assert.Equal(Enumerable.Range(400, 200).Select(n => $"{n}"), snapshot.From(0).Select(e => e.Message));
    }

    [Fact]
    public async Task NothingIsLostOrDoubled_WhenManyAddAndOneReads()
    {
        var store = new LogStore(Some.Options(o => o.MaxLogCount = 100_000), TimeProvider.System);
        var view = new LogView(store);
        view.Show(new());
        var writers = Enumerable.Range(0, 8).Select(writer => Task.Run(
            () =>
            {
                for (var i = 0; i < 500; i++)
                {
                    store.Add([Some.Entry($"{writer}:{i}"), Some.Entry($"{writer}:{i}b")]);
                }
            },
            Token)).ToArray();
        var all = Task.WhenAll(writers);
        while (!all.IsCompleted)
        {
            view.Refresh();
        }

        await all;
        view.Refresh();

        Assert.Equal(8_000, store.Count);
        Assert.Equal(8_000, Enumerable.Range(0, view.Count).Select(i => view[i].Message).Distinct().Count());
        Assert.Equal(8_000, view.Count);
    }

    [Fact]
    public void ViewFollows_WhatArrivesAndWhatIsDropped()
    {
        var store = new LogStore(Some.Options(o => o.MaxLogCount = 300), TimeProvider.System);
        var view = new LogView(store);
        view.Show(new LogFilter { Text = "odd" });

        store.Add([.. Enumerable.Range(0, 1_000).Select(n => Some.Entry(n % 2 == 1 ? $"odd {n}" : $"even {n}"))]);
        Assert.True(view.Refresh());
        Assert.False(view.Refresh());

        Assert.Equal(150, view.Count);
        Assert.Equal("odd 701", view[0].Message);
        store.Add([.. Enumerable.Range(0, 300).Select(_ => Some.Entry("even"))]);
        Assert.True(view.Refresh());
        Assert.Equal(0, view.Count);
    }

    [Fact]
    public void FilterAdmits_WhatAllOfItHoldsFor()
    {
        var trace = new TraceKey(1, 2);
        var entry = new LogEntry
        {
            Resource = Some.Resource("chat", "chat-1"),
            Time = 1,
            Severity = LogSeverity.Warning,
            Category = "Chat.Rooms",
            Message = "room full",
            Attributes = [new("room", "lobby"), new("tries", "3")],
            TraceId = trace,
        };

        Assert.All(
            new LogFilter[]
            {
                new(),
                new() { Resource = "chat" },
                new() { Resource = "chat-1" },
                new() { Least = LogSeverity.Warning },
                new() { Text = "FULL" },
                new() { Text = "LOBBY" },
                new() { Text = "rooms" },
                new() { TraceId = trace },
                new() { Attributes = [AttributeCondition.Parse("room=Lobby")!, AttributeCondition.Parse("tries != 4")!, AttributeCondition.Parse("room~obb")!, AttributeCondition.Parse("tries")!] },
            },
            filter => Assert.True(filter.Admits(entry)));
        Assert.All(
            new LogFilter[]
            {
                new() { Resource = "chat-2" },
                new() { Least = LogSeverity.Error },
                new() { Text = "empty" },
                new() { TraceId = new(1, 3) },
                new() { Attributes = [AttributeCondition.Parse("room=hall")!] },
                new() { Attributes = [AttributeCondition.Parse("room!=lobby")!] },
                new() { Attributes = [AttributeCondition.Parse("user")!] },
            },
            filter => Assert.False(filter.Admits(entry)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("=value")]
    [InlineData(" != value")]
    public void ConditionWithoutAKeyIsNone(string text) => Assert.Null(AttributeCondition.Parse(text));

    /// <summary>A thousand large entries, which are held by the store alone.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference[] Fill(LogStore store)
    {
        var messages = new WeakReference[1_000];
        for (var i = 0; i < messages.Length; i++)
        {
            var message = new string((char)('a' + (i % 26)), 5_000);
            messages[i] = new WeakReference(message);
            store.Add([Some.Entry(message)]);
        }

        return messages;
    }
}
