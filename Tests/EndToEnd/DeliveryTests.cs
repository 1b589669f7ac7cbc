using Client;
using Client.Realtime;
using Contracts;
using Contracts.Public;

namespace Tests.EndToEnd;

/// <summary>From sign-up to delivery, across nodes, under concurrency and across reconnects.</summary>
[Collection(SystemCollection.Name)]
public sealed class DeliveryTests(RunningSystem system)
{
    [Fact]
    public async Task EverySubscriberOnEveryNode_ReceivesAMessage_WhenATenantHasJustSignedUp()
    {
        using var deadline = new Deadline();
        await using var admin = await system.NewTenantAsync("hello", deadline.Token);
        var tenant = admin.SignedIn!.Tenant;
        await NewRoomAsync(admin, "general", deadline.Token);

        var readers = await OnEveryNodeAsync("general", async name =>
        {
            var user = await system.NewUserAsync(tenant, name, deadline.Token);
            Assert.True((await user.Rooms.JoinAsync("general", deadline.Token)).IsSuccess);
            return user;
        }, deadline.Token);
        try
        {
            var posted = await admin.Messages.PostAsync("general", new NewMessage("hello, world"), deadline.Token);

            Assert.Equal(1, posted.Value.Seq);
            foreach (var reader in readers)
            {
                await reader.ReadToAsync(1, deadline.Token);
                var message = Assert.Single(reader.Received);
                Assert.Equal("hello, world", message.Text);
                Assert.Equal(admin.SignedIn.User.Id, message.Sender);
                Assert.Equal(posted.Value.Id, message.Id);
            }
        }
        finally
        {
            await DisposeAsync(readers);
        }
    }

    [Fact]
    public async Task EverySubscriber_SeesEveryMessageOnceInOrder_WhenManySendConcurrently()
    {
        const int Total = 10_000;
        using var deadline = new Deadline();
        await using var admin = await system.NewTenantAsync("flood", deadline.Token);
        await NewRoomAsync(admin, "flood", deadline.Token);
        var tenant = admin.SignedIn!.Tenant;
        var senders = new List<ChatClient>();
        for (var i = 0; i < 4; i++)
        {
            senders.Add(await JoinedAsync(tenant, $"sender{i}", "flood", deadline.Token));
        }

        var readers = new List<Reader>();

        // The proxy picks a random replica for each connection: six on one can happen.
        for (var i = 0; i < 6 || readers.Select(static reader => reader.Connection.State.Node).Distinct(StringComparer.Ordinal).Count() == 1; i++)
        {
            Assert.True(i < 40, "All readers are on one node.");
            var client = await JoinedAsync(tenant, $"reader{i}", "flood", deadline.Token);
            var order = i % 2 == 0 ? MessageOrder.Server : MessageOrder.Client;
            readers.Add(await Reader.OpenAsync($"reader{i}/{order}", client, "flood", order, deadline.Token));
        }

        try
        {
            var reading = Task.WhenAll(readers.Select(reader => reader.ReadToAsync(Total, deadline.Token)));
            var seqs = await Senders.PostAsync(senders, "flood", Total, senders: 64, deadline.Token);

            Assert.Equal(Enumerable.Range(1, Total).Select(seq => (long)seq), seqs);
            await reading;
            Assert.All(readers, reader => Assert.Equal(Total, reader.Received.Select(message => message.Id).Distinct(StringComparer.Ordinal).Count()));
        }
        finally
        {
            await DisposeAsync(readers);
            foreach (var sender in senders)
            {
                await sender.DisposeAsync();
            }
        }
    }

    [Theory]
    [InlineData(MessageOrder.Server)]
    [InlineData(MessageOrder.Client)]
    public async Task Subscriber_MissesNothing_WhenItsSocketIsDroppedAndItWasAwayForAWhile(MessageOrder order)
    {
        using var deadline = new Deadline();
        await using var admin = await system.NewTenantAsync("resume", deadline.Token);
        await NewRoomAsync(admin, "general", deadline.Token);
        using var network = new SeveredHandler();
        var client = await system.NewUserAsync(admin.SignedIn!.Tenant, "reader", deadline.Token, network);
        Assert.True((await client.Rooms.JoinAsync("general", deadline.Token)).IsSuccess);
        await using var reader = await Reader.OpenAsync("reader", client, "general", order, deadline.Token);

        await Senders.PostAsync([admin], "general", 50, senders: 4, deadline.Token);
        await reader.ReadToAsync(50, deadline.Token);

        network.Cut();
        await Senders.PostAsync([admin], "general", 200, senders: 4, deadline.Token);
        network.Mend();
        await reader.ReadToAsync(250, deadline.Token);

        // Sockets that break while messages fly, again and again.
        var reading = reader.ReadToAsync(750, deadline.Token);
        await Senders.PostAsync([admin], "general", 500, senders: 8, deadline.Token, count =>
        {
            if (count % 100 == 0)
            {
                network.Break();
            }
        });
        await reading;
    }

    private async Task<ChatClient> JoinedAsync(string tenant, string username, string room, CancellationToken cancellationToken)
    {
        var client = await system.NewUserAsync(tenant, username, cancellationToken);
        var joined = await client.Rooms.JoinAsync(room, cancellationToken);
        Assert.True(joined.IsSuccess, joined.Problem?.ToString());
        return client;
    }

    /// <summary>Opens readers until they are spread over all of realtime's replicas.</summary>
    private async Task<List<Reader>> OnEveryNodeAsync(string room, Func<string, Task<ChatClient>> newUser, CancellationToken cancellationToken)
    {
        var readers = new List<Reader>();
        var nodes = new HashSet<string>(StringComparer.Ordinal);
        var replicas = system.Processes(ServiceNames.Realtime).Count;
        while (nodes.Count < replicas)
        {
            var reader = await Reader.OpenAsync($"reader{readers.Count}", await newUser($"reader{readers.Count}"), room, MessageOrder.Server, cancellationToken);
            readers.Add(reader);
            nodes.Add(reader.Connection.State.Node!);
            Assert.True(readers.Count < 20, $"20 sockets, and only {nodes.Count} of {replicas} nodes have one.");
        }

        return readers;
    }

    private static async Task NewRoomAsync(ChatClient client, string room, CancellationToken cancellationToken)
    {
        var created = await client.Rooms.CreateAsync(new NewRoom(room, room, Contracts.Rooms.RoomVisibilities.Public), cancellationToken);
        Assert.True(created.IsSuccess, created.Problem?.ToString());
    }

    private static async Task DisposeAsync(List<Reader> readers)
    {
        foreach (var reader in readers)
        {
            await reader.DisposeAsync();
        }
    }
}
