using System.Net.Http.Json;
using Contracts;
using Contracts.Dbman;
using Contracts.Messages;
using Tests.Infrastructure;

namespace Tests.Dbman;

public sealed class AppendTests(DataServers servers)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task MessageIsNumberedAndReadable_WhenAppended()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token);
        var room = await app.Client.RoomAsync(tenant, Token);

        var first = await app.Client.AppendAsync(tenant, room, "admin", "m1", "hello", Token);
        var second = (await app.Client.Messages.AppendAsync(
            new AppendRequest([new AppendItem(tenant, room, "m2", "admin", "ünï 🚀", ["f1", "f2"])]), Token)).Ok().Outcomes.Single();

        Assert.Equal((1L, false), (first.Message!.Seq, first.Duplicate));
        Assert.Equal(2, second.Message!.Seq);
        Assert.True(second.Message.SentAt >= first.Message.SentAt);
        var history = (await app.Client.Messages.GetAfterAsync(tenant, room, 0, 10, Token)).Ok();
        Assert.Equal(2, history.LastSeq);
        Assert.Equivalent(new[] { first.Message, second.Message }, history.Messages, strict: true);
    }

    /// <summary>A caller of the version before reads the message from the answer; one of this version knows its own text.</summary>
    [Theory]
    [InlineData(null, true)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task TextComesBack_OnlyToCallersThatDoNotAskForALeanAnswer(bool? lean, bool comesBack)
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token);
        var room = await app.Client.RoomAsync(tenant, Token);
        var item = new { tenant, room, id = "m", sender = "admin", text = "a text of its own", attachments = new[] { "f1" } };
        object body = lean is null ? new { items = new[] { item } } : new { items = new[] { item }, lean };

        // Stored now, and found when it comes again.
        for (var times = 0; times < 2; times++)
        {
            using var response = await app.Http.PostAsJsonAsync(DbmanRoutes.Append, body, Token);
            var answer = await response.Content.ReadAsStringAsync(Token);
            Assert.Equal(comesBack, answer.Contains(item.text, StringComparison.Ordinal));
            Assert.Equal(comesBack, answer.Contains("f1", StringComparison.Ordinal));
            Assert.Contains("\"seq\":1", answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task SeqsAreGapFree_WhenManySendersAppendThroughThreeReplicas()
    {
        const int Senders = 64;
        const int Each = 25;
        await using var database = await servers.CreateDatabaseAsync(Token);
        var apps = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => DbmanApp.StartAsync(database, Token)));
        try
        {
            var tenant = await apps[0].Client.TenantAsync(Token);
            var room = await apps[0].Client.RoomAsync(tenant, Token);

            var sent = await Task.WhenAll(Enumerable.Range(0, Senders).Select(async sender =>
            {
                var outcomes = new List<MessageRecord>();
                for (var index = 0; index < Each; index++)
                {
                    var app = apps[(sender + index) % apps.Length];
                    outcomes.Add((await app.Client.AppendAsync(tenant, room, "admin", $"m-{sender}-{index}", $"{sender}/{index}", Token)).Message!);
                }

                return outcomes;
            }));

            // One sender's messages are numbered in the order in which it sent them.
            Assert.All(sent, static messages => Assert.Equal(messages.Select(static message => message.Seq).Order(), messages.Select(static message => message.Seq)));
            var history = await ReadAllAsync(apps[0], tenant, room);
            Assert.Equal(Enumerable.Range(1, Senders * Each).Select(static seq => (long)seq), history.Select(static message => message.Seq));
            Assert.Equal(history.Select(static message => message.SentAt).Order(), history.Select(static message => message.SentAt));
            Assert.Equivalent(sent.SelectMany(static messages => messages).OrderBy(static message => message.Seq).Select(static m => (m.Seq, m.Id, m.Text)), history.Select(static m => (m.Seq, m.Id, m.Text)), strict: true);
        }
        finally
        {
            foreach (var app in apps)
            {
                await app.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task FirstResultComesBack_WhenTheSameMessageIsSentAgainThroughOtherReplicas()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var one = await DbmanApp.StartAsync(database, Token);
        await using var two = await DbmanApp.StartAsync(database, Token);
        var tenant = await one.Client.TenantAsync(Token);
        var room = await one.Client.RoomAsync(tenant, Token);

        // Twenty copies race through both replicas; one of them is the first.
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(copy =>
            (copy % 2 == 0 ? one : two).Client.AppendAsync(tenant, room, "admin", "same", "the same text", Token)));

        var first = Assert.Single(outcomes, static outcome => !outcome.Duplicate);
        Assert.All(outcomes, outcome => Assert.Equal((1L, first.Message!.Text), (outcome.Message!.Seq, outcome.Message.Text)));
        Assert.Equal(1, (await one.Client.Messages.GetAfterAsync(tenant, room, 0, 10, Token)).Ok().LastSeq);
    }

    [Fact]
    public async Task OneTextIsStored_WhenSeveralComeUnderOneId()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var one = await DbmanApp.StartAsync(database, Token);
        await using var two = await DbmanApp.StartAsync(database, Token);
        var tenant = await one.Client.TenantAsync(Token);
        var room = await one.Client.RoomAsync(tenant, Token);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(text =>
            (text % 2 == 0 ? one : two).Client.AppendAsync(tenant, room, "admin", "same", $"text {text}", Token)));

        var stored = Assert.Single(outcomes, static outcome => outcome.Problem is null).Message!;
        Assert.All(outcomes.Where(static outcome => outcome.Problem is not null), static outcome => Assert.Equal((409, ProblemTypes.Conflict), (outcome.Problem!.Status, outcome.Problem.Type)));
        Assert.Equal(stored.Text, Assert.Single((await one.Client.Messages.GetAfterAsync(tenant, room, 0, 10, Token)).Ok().Messages).Text);
    }

    [Fact]
    public async Task EachItemHasItsOwnOutcome_WhenSomeOfThemAreRefused()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token);
        await app.Client.UserAsync(tenant, "bob", Token);
        await app.Client.UserAsync(tenant, "eve", Token);
        var room = await app.Client.RoomAsync(tenant, Token, "bob");
        var other = await app.Client.RoomAsync(tenant, Token);
        await app.Client.AppendAsync(tenant, room, "admin", "old", "old", Token);

        var outcomes = (await app.Client.Messages.AppendAsync(
            new AppendRequest(
            [
                new AppendItem(tenant, room, "a", "admin", "a"),
                new AppendItem(tenant, room, "b", "eve", "no member"),
                new AppendItem(tenant, room, "old", "admin", "old"),
                new AppendItem(tenant, room, "old", "bob", "another's id"),
                new AppendItem(tenant, "nowhere", "c", "admin", "no room"),
                new AppendItem(tenant, room, "bad:id", "admin", "bad id"),
                new AppendItem(tenant, room, "d", "admin", "nul \0"),
                new AppendItem(tenant, room, "e", "admin", new string('x', Limits.MessageText + 1)),
                new AppendItem(tenant, other, "a", "admin", "same id, other room"),
                new AppendItem(tenant, room, "a", "admin", "a"),
                new AppendItem(tenant, room, "a", "bob", "another's id in the same call"),
                new AppendItem(tenant, room, "f", "bob", "f"),
                new AppendItem(Seed.Id("t"), room, "g", "admin", "another tenant"),
                new AppendItem(tenant, room, "old", "eve", "a stranger learns nothing"),
                new AppendItem(tenant, room, "old", "admin", "another text"),
                new AppendItem(tenant, room, "a", "admin", "another text in the same call"),
            ]),
            Token)).Ok().Outcomes;

        Assert.Equal((2L, false), (outcomes[0].Message!.Seq, outcomes[0].Duplicate));
        Assert.Equal(ProblemTypes.NotAMember, outcomes[1].Problem!.Type);
        Assert.Equal((1L, true, "old"), (outcomes[2].Message!.Seq, outcomes[2].Duplicate, outcomes[2].Message!.Text));
        Assert.Equal(ProblemTypes.Conflict, outcomes[3].Problem!.Type);
        Assert.Equal(ProblemTypes.NotAMember, outcomes[4].Problem!.Type);
        Assert.Equal(ProblemTypes.InvalidId, outcomes[5].Problem!.Type);
        Assert.Equal(ProblemTypes.InvalidRequest, outcomes[6].Problem!.Type);
        Assert.Equal(ProblemTypes.InvalidRequest, outcomes[7].Problem!.Type);
        Assert.Equal(1, outcomes[8].Message!.Seq);
        Assert.Equal((2L, true, "a"), (outcomes[9].Message!.Seq, outcomes[9].Duplicate, outcomes[9].Message!.Text));
        Assert.Equal(ProblemTypes.Conflict, outcomes[10].Problem!.Type);
        Assert.Equal(3, outcomes[11].Message!.Seq);
        Assert.Equal(ProblemTypes.NotAMember, outcomes[12].Problem!.Type);
        Assert.Equal(ProblemTypes.NotAMember, outcomes[13].Problem!.Type);
        Assert.Equal(ProblemTypes.Conflict, outcomes[14].Problem!.Type);
        Assert.Equal(ProblemTypes.Conflict, outcomes[15].Problem!.Type);
        Assert.Equal(3, (await app.Client.Messages.GetAfterAsync(tenant, room, 0, 10, Token)).Ok().LastSeq);
    }

    private static async Task<List<MessageRecord>> ReadAllAsync(DbmanApp app, string tenant, string room)
    {
        var all = new List<MessageRecord>();
        while (true)
        {
            var page = (await app.Client.Messages.GetAfterAsync(tenant, room, all.Count == 0 ? 0 : all[^1].Seq, Limits.HistoryPage, Token)).Ok();
            all.AddRange(page.Messages);
            if (all.Count >= page.LastSeq)
            {
                return all;
            }
        }
    }
}
