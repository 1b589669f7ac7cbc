using System.Diagnostics.Metrics;
using System.Net;
using System.Threading.Channels;
using Contracts.Publish;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using ServiceDefaults.Identity;
using ServiceDefaults.Identity.Revocations;
using Session;
using Session.Revocations;

namespace Tests.Session;

/// <summary>Realtime is notified of ended sessions; no caller waits for it, and retries are bounded.</summary>
public sealed class RevocationNotifierTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new() { AutoAdvanceAmount = TimeSpan.Zero };
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly SessionTelemetry _telemetry;
    private readonly ScriptedRealtime _realtime = new();
    private readonly MetricCollector<long> _notices;

    public RevocationNotifierTests()
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        _telemetry = new SessionTelemetry(meters);
        _notices = new MetricCollector<long>(meters, "Session", "session.revocation.notices");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _realtime.Dispose();
        _telemetry.Dispose();
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task Notice_IsSent()
    {
        using var notifier = await StartAsync(new RevocationOptions());
        notifier.Notify("t", "u", ["s1", "s2"], "logout");
        var call = await _realtime.Calls.ReadAsync(Token);
        call.SetResult(HttpStatusCode.NoContent);
        Assert.Contains("s2", await call.Body, StringComparison.Ordinal);
        await notifier.StopAsync(Token);
        Assert.Equal(["sent"], Outcomes());
    }

    [Fact]
    public async Task Notice_IsTriedAgain_ButNotForEver()
    {
        using var notifier = await StartAsync(new RevocationOptions { MaxAttempts = 3, FirstDelay = TimeSpan.FromSeconds(1), Senders = 1 });
        notifier.Notify("t", "u", ["s1"], "logout");
        notifier.Notify("t", "u", ["s2"], "logout");
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            var call = await NextAsync();
            Assert.Contains("s1", await call.Body, StringComparison.Ordinal);
            call.SetResult(HttpStatusCode.ServiceUnavailable);
        }

        var next = await NextAsync();
        Assert.Contains("s2", await next.Body, StringComparison.Ordinal);
        next.SetResult(HttpStatusCode.NoContent);
        await notifier.StopAsync(Token);
        Assert.Equal(["failed", "sent"], Outcomes());
    }

    [Fact]
    public async Task Notice_IsDroppedAndCounted_WhenTooManyWait()
    {
        using var notifier = await StartAsync(new RevocationOptions { QueueCapacity = 1, Senders = 1, FlushTimeout = TimeSpan.Zero });
        notifier.Notify("t", "u", ["s1"], "logout");
        var call = await _realtime.Calls.ReadAsync(Token);
        notifier.Notify("t", "u", ["s2"], "logout");
        notifier.Notify("t", "u", ["s3"], "logout");
        Assert.Equal(["dropped"], Outcomes());

        // At the end what still waits is counted too.
        await notifier.StopAsync(Token);
        call.SetResult(HttpStatusCode.NoContent);
        Assert.Equal(["dropped", "dropped"], Outcomes());
    }

    [Fact]
    public async Task QueuedNotices_AreSent_WhenTheServiceStops()
    {
        using var notifier = await StartAsync(new RevocationOptions { Senders = 1 });
        notifier.Notify("t", "u", ["s1"], "logout");
        var first = await _realtime.Calls.ReadAsync(Token);
        notifier.Notify("t", "u", ["s2"], "logout");
        var stopping = notifier.StopAsync(Token);
        first.SetResult(HttpStatusCode.NoContent);
        (await _realtime.Calls.ReadAsync(Token)).SetResult(HttpStatusCode.NoContent);
        await stopping;
        Assert.Equal(["sent", "sent"], Outcomes());
    }

    private async Task<ScriptedRealtime.Call> NextAsync()
    {
        // Time goes on until the sender has waited long enough; each look gives it a turn.
        while (true)
        {
            if (_realtime.Calls.TryRead(out var call))
            {
                return call;
            }

            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
            Token.ThrowIfCancellationRequested();
        }
    }

    private string[] Outcomes() => [.. _notices.GetMeasurementSnapshot().Select(measurement => (string)measurement.Tags["outcome"]!)];

    private async Task<RevocationNotifier> StartAsync(RevocationOptions options)
    {
        var client = new RealtimeClient(new HttpClient(_realtime, disposeHandler: false) { BaseAddress = new Uri("http://realtime") });
        var revoked = new RevokedSessions(
            Options.Create(new UserTokenOptions()), new IdentityTelemetry(_services.GetRequiredService<IMeterFactory>()), _time);
        var notifier = new RevocationNotifier(client, revoked, Options.Create(options), _time, _telemetry, NullLogger<RevocationNotifier>.Instance);
        await notifier.StartAsync(Token);
        return notifier;
    }

    private sealed class ScriptedRealtime : HttpMessageHandler
    {
        private readonly Channel<Call> _calls = Channel.CreateUnbounded<Call>();

        public ChannelReader<Call> Calls => _calls.Reader;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var call = new Call(request.Content!.ReadAsStringAsync(cancellationToken));
            _calls.Writer.TryWrite(call);
            return new HttpResponseMessage(await call.Result.WaitAsync(cancellationToken));
        }

        public sealed class Call(Task<string> body)
        {
            private readonly TaskCompletionSource<HttpStatusCode> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

            public Task<string> Body { get; } = body;

            public Task<HttpStatusCode> Result => _result.Task;

            public void SetResult(HttpStatusCode status) => _result.SetResult(status);
        }
    }
}
