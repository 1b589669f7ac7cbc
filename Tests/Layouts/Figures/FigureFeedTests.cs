using System.Net;
using System.Net.Http.Json;
using Contracts;
using Contracts.Dbman;
using Contracts.Layouts;
using Layouts.Figures;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Realtime.Counting;
using Tests.Layouts.Autopilot;

namespace Tests.Layouts.Figures;

/// <summary>Figures for all viewers: read once for all of them, with a history.</summary>
public sealed class FigureFeedTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(Counted.Start);
    private readonly Plane _plane = new();
    private readonly HttpClient _http;
    private readonly FigureFeed _feed;

    public FigureFeedTests()
    {
        _http = new HttpClient(_plane) { BaseAddress = new Uri("http://dbman") };
        _feed = new FigureFeed(
            new DbmanClient(_http), Options.Create(new FiguresOptions { Points = 3 }), Options.Create(new CountingOptions()), _time, NullLogger<FigureFeed>.Instance);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _feed.Dispose();
        _http.Dispose();
        _plane.Dispose();
    }

    [Fact]
    public async Task DbmanIsAskedOnce_WhenManyLookAtOnce()
    {
        _plane.Delivered = 5;
        var views = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _feed.GetAsync(Token)));
        Assert.All(views, static view => Assert.True(view.IsSuccess));
        Assert.Equal(1, _plane.Calls);
        _time.Advance(TimeSpan.FromSeconds(5));
        await _feed.GetAsync(Token);
        Assert.Equal(2, _plane.Calls);
    }

    [Fact]
    public async Task TheFirstLookIsSinceTheStart_AndLaterOnesAreOverTheWindow()
    {
        var view = await LookAsync(uptime: 100, delivered: 1_000);
        Assert.True(view.IsSinceStart);

        // Readings 5 s apart, with a window of 15 s: the one before the last three is where it begins.
        await LookAsync(105, 1_100);
        await LookAsync(110, 1_300);
        await LookAsync(115, 1_600);
        view = await LookAsync(120, 2_000);
        Assert.False(view.IsSinceStart);
        Assert.Equal((15, 900 / 15), (view.WindowSeconds, view.Total.DeliveredPerSecond));
    }

    [Fact]
    public async Task ItIsSinceTheStartAgain_WhenNobodyLookedForLong()
    {
        await LookAsync(100, 1_000);
        await LookAsync(105, 1_100);
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.True((await LookAsync(230, 5_000)).IsSinceStart);
    }

    [Fact]
    public async Task OnlySoManyPointsAreKept_TheOldestGoFirst()
    {
        for (var i = 0; i < 5; i++)
        {
            await LookAsync(100 + (i * 5), i);
        }

        var points = _feed.Points(since: null);
        Assert.Equal([10d, 15, 20], points.Select(static point => (point.At - Counted.Start).TotalSeconds));
        Assert.Equal([20d], _feed.Points(points[1].At).Select(static point => (point.At - Counted.Start).TotalSeconds));
    }

    [Fact]
    public async Task AFailureIsAnAnswer_AndTheNextLookAsksAgain()
    {
        _plane.IsAway = true;
        var answer = await _feed.GetAsync(Token);
        Assert.Equal((int)HttpStatusCode.ServiceUnavailable, answer.Problem!.Status);
        _plane.IsAway = false;
        Assert.True((await _feed.GetAsync(Token)).IsSuccess);
        Assert.Equal(2, _plane.Calls);
    }

    /// <summary>A look after the next poll; the first one is at the start.</summary>
    private async Task<global::Layouts.Figures.FiguresView> LookAsync(double uptime, long delivered)
    {
        if (_plane.Calls > 0)
        {
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        (_plane.Uptime, _plane.Delivered) = (uptime, delivered);
        return (await _feed.GetAsync(Token)).Value;
    }

    /// <summary>dbman, with one node.</summary>
    private sealed class Plane : HttpMessageHandler
    {
        private int _calls;

        public int Calls => Volatile.Read(ref _calls);

        public double Uptime { get; set; } = 100;

        public long Delivered { get; set; }

        public bool IsAway { get; set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _calls);
            Assert.Equal(DbmanRoutes.LayoutNodes, request.RequestUri!.AbsolutePath);
            if (IsAway)
            {
                return Task.FromResult(new HttpResponseMessage(HttpStatusCode.ServiceUnavailable));
            }

            var nodes = new NodesResponse(1, [Counted.View(Counted.Node(uptime: Uptime, delivery: new DeliveryFigures(Delivered, 0, 0, 0, 0, 0)))]);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = JsonContent.Create(nodes, ContractsJsonContext.Default.NodesResponse) });
        }
    }
}
