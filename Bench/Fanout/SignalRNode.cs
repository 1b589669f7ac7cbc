using Contracts.Messages;
using Contracts.Publish;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Bench.Fanout;

/// <summary>The same job done by SignalR with its Redis backplane, without authentication: the baseline of a run.</summary>
internal static class SignalRNode
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls($"http://127.0.0.1:{arguments.Number("port", 0)}");
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSignalR().AddStackExchangeRedis(arguments.Text("redis", "localhost:6379"), static options =>
            options.Configuration.ChannelPrefix = RedisChannel.Literal("signalr"));
        var app = builder.Build();
        app.MapHub<RoomHub>("/hub");
        app.MapPost(RealtimeRoutes.Publish, static async (PublishRequest request, IHubContext<RoomHub> hub, CancellationToken cancellationToken) =>
        {
            foreach (var message in request.Messages)
            {
                await hub.Clients.Group(message.Room).SendAsync("message", new Frame("message", message), cancellationToken);
            }

            return Results.Ok(new PublishResponse(request.Messages.Count));
        });
        await app.StartAsync(CancellationToken.None);
        Console.WriteLine("ready");
        await app.WaitForShutdownAsync(CancellationToken.None);
        return 0;
    }

    /// <summary>What one of our frames holds.</summary>
    internal sealed record Frame(string Type, string Room, long Seq, string Id, string Sender, string Text, DateTimeOffset SentAt)
    {
        public Frame(string type, MessageRecord message)
            : this(type, message.Room, message.Seq, message.Id, message.Sender, message.Text, message.SentAt)
        {
        }
    }

    internal sealed class RoomHub : Hub
    {
        public Task Join(string room) => Groups.AddToGroupAsync(Context.ConnectionId, room, Context.ConnectionAborted);
    }
}
