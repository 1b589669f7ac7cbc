using System.Threading.Channels;
using Contracts;
using Contracts.Messages;
using Contracts.Publish;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Tests.Infrastructure;

/// <summary>Realtime's publish endpoint as a test wants it: it refuses, hangs, or accepts calls and records them.</summary>
internal sealed class ScriptedRealtime : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<PublishRequest> _published = Channel.CreateUnbounded<PublishRequest>();
    private readonly Channel<int> _refused = Channel.CreateUnbounded<int>();
    private readonly Channel<SessionRevokedRequest> _revoked = Channel.CreateUnbounded<SessionRevokedRequest>();
    private volatile TaskCompletionSource? _gate;
    private int _status = StatusCodes.Status200OK;

    private ScriptedRealtime(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = null!;

    /// <summary>What the next calls are answered with; other than 200 nothing is taken.</summary>
    public int Status
    {
        get => Volatile.Read(ref _status);
        set => Volatile.Write(ref _status, value);
    }

    public static async Task<ScriptedRealtime> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var realtime = new ScriptedRealtime(builder.Build());
        realtime._app.MapPost(RealtimeRoutes.Publish, realtime.HandleAsync);
        realtime._app.MapPost(RealtimeRoutes.SessionRevoked, realtime.HandleRevokedAsync);
        await realtime._app.StartAsync(cancellationToken);
        realtime.Address = new Uri(realtime._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return realtime;
    }

    /// <summary>Calls wait from now on.</summary>
    public void Close() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Waiting calls continue.</summary>
    public void Open()
    {
        var gate = _gate;
        _gate = null;
        gate?.SetResult();
    }

    /// <summary>The next call that was accepted.</summary>
    public Task<PublishRequest> NextAsync(CancellationToken cancellationToken) => Eventually.NextAsync(_published.Reader, "publish call", cancellationToken);

    /// <summary>Waits for a call that was refused.</summary>
    public Task<int> RefusedAsync(CancellationToken cancellationToken) => Eventually.NextAsync(_refused.Reader, "refused call", cancellationToken);

    /// <summary>The next notice of ended sessions.</summary>
    public ValueTask<SessionRevokedRequest> NextRevokedAsync(CancellationToken cancellationToken) => _revoked.Reader.ReadAsync(cancellationToken);

    /// <summary>Messages of a tenant in the calls to come, until there are so many. A sweeper may send another test's too.</summary>
    public async Task<List<MessageRecord>> TakeMessagesAsync(string tenant, int count, CancellationToken cancellationToken)
    {
        List<MessageRecord> messages = [];
        while (messages.Count < count)
        {
            messages.AddRange((await NextAsync(cancellationToken)).Messages.Where(message => message.Tenant == tenant));
        }

        return messages;
    }

    /// <summary>System events of the calls to come, until there are so many.</summary>
    public async Task<List<SystemEventRecord>> TakeEventsAsync(int count, CancellationToken cancellationToken)
    {
        List<SystemEventRecord> events = [];
        while (events.Count < count)
        {
            events.AddRange((await NextAsync(cancellationToken)).System);
        }

        return events;
    }

    /// <summary>Messages of all calls so far that nobody has taken.</summary>
    public List<MessageRecord> Drain()
    {
        List<MessageRecord> messages = [];
        while (_published.Reader.TryRead(out var call))
        {
            messages.AddRange(call.Messages);
        }

        return messages;
    }

    public async ValueTask DisposeAsync()
    {
        Open();
        await _app.DisposeAsync();
    }

    private async Task HandleRevokedAsync(HttpContext context)
    {
        var request = (await context.Request.ReadFromJsonAsync(ContractsJsonContext.Default.SessionRevokedRequest, context.RequestAborted))!;
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        _revoked.Writer.TryWrite(request);
    }

    private async Task HandleAsync(HttpContext context)
    {
        var request = (await context.Request.ReadFromJsonAsync(ContractsJsonContext.Default.PublishRequest, context.RequestAborted))!;
        if (_gate is { } gate)
        {
            await gate.Task.WaitAsync(context.RequestAborted);
        }

        var status = Status;
        context.Response.StatusCode = status;
        if (status != StatusCodes.Status200OK)
        {
            context.Response.Headers.RetryAfter = "1";
            _refused.Writer.TryWrite(status);
            return;
        }

        _published.Writer.TryWrite(request);
        await context.Response.WriteAsJsonAsync(
            new PublishResponse(request.Messages.Count + request.System.Count), ContractsJsonContext.Default.PublishResponse, cancellationToken: context.RequestAborted);
    }
}
