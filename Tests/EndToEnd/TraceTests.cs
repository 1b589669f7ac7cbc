using System.Diagnostics;
using Contracts;
using Contracts.Public;
using Tests.Infrastructure;

namespace Tests.EndToEnd;

/// <summary>What an operator sees of a message: one trace through all services, however it is batched on its way.</summary>
[Collection(SystemCollection.Name)]
public sealed class TraceTests(RunningSystem system)
{
    private static readonly string[] OnTheWay = [ServiceNames.Chat, ServiceNames.Dbman, ServiceNames.Realtime];

    [Fact]
    public async Task OneMessageIsOneTrace_FromThePostToTheNodesThatDeliverIt()
    {
        using var deadline = new Deadline();
        await using var client = await system.NewTenantAsync("trace", deadline.Token);
        Assert.True((await client.Rooms.CreateAsync(new NewRoom("Seen", "seen"), deadline.Token)).IsSuccess);
        using var post = new Activity("post") { ActivityTraceFlags = ActivityTraceFlags.Recorded };
        post.SetIdFormat(ActivityIdFormat.W3C).Start();
        system.Telemetry.Watch(post.TraceId);

        Assert.True((await client.Messages.PostAsync("seen", new NewMessage("hello"), deadline.Token)).IsSuccess);
        post.Stop();

        await Eventually.ClearByAsync(deadline.Token, () =>
        {
            var missing = OnTheWay.Except(system.Telemetry.Senders(post.TraceId, OnTheWay), StringComparer.Ordinal).ToArray();
            return Task.FromResult(missing.Length == 0 ? null : $"no span of the trace from {string.Join(", ", missing)}");
        });
    }
}
