using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Json;
using System.Threading.Channels;
using Chat.Messages;
using Contracts;
using Contracts.Dbman;
using Contracts.Messages;
using Contracts.Results;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Tests.Infrastructure;

namespace Tests.Chat;

/// <summary>Posts share calls of Dbman, and nothing else.</summary>
public sealed class MessageAppenderTests : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ScriptedDbman _dbman = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _dbman.Dispose();
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task PostGoesAtOnce_AndTheNextOnesGatherWhileItIsInFlight()
    {
        using var appender = await StartAsync(new AppendOptions { Calls = 1 });
        var first = appender.AppendAsync(Item("1"), Token);
        var call = await _dbman.NextAsync(Token);
        Assert.Equal(["1"], call.Ids);

        var others = new[] { "2", "3", "4" }.Select(id => appender.AppendAsync(Item(id), Token)).ToList();
        call.Store();
        Assert.Equal("1", (await first).Value.Message!.Id);
        call = await _dbman.NextAsync(Token);
        Assert.Equal(["2", "3", "4"], call.Ids);
        call.Store();
        Assert.Equal(["2", "3", "4"], (await Task.WhenAll(others)).Select(static result => result.Value.Message!.Id));
        await appender.StopAsync(Token);
    }

    [Fact]
    public async Task EveryPostHasItsOwnOutcome_WhenOneOfACallIsRefused()
    {
        using var appender = await StartAsync(new AppendOptions { Calls = 1 });
        var (_, results) = await GatherAsync(appender, "2", "3");
        var call = await _dbman.NextAsync(Token);
        call.Answer(new AppendResponse(
        [
            new AppendOutcome(Problem: new ServiceProblem(403, ProblemTypes.NotAMember, "No")),
            ScriptedDbman.Stored("3"),
        ]));
        Assert.Equal(403, (await results[0]).Value.Problem!.Status);
        Assert.Equal("3", (await results[1]).Value.Message!.Id);
        await appender.StopAsync(Token);
    }

    [Fact]
    public async Task PostsGoAgainOneByOne_WhenTheirCallIsRefusedForGood()
    {
        using var appender = await StartAsync(new AppendOptions { Calls = 1 });
        var (_, results) = await GatherAsync(appender, "2", "3");
        (await _dbman.NextAsync(Token)).Refuse(HttpStatusCode.BadRequest);
        var alone = await _dbman.NextAsync(Token);
        Assert.Equal(["2"], alone.Ids);
        alone.Refuse(HttpStatusCode.BadRequest);
        alone = await _dbman.NextAsync(Token);
        Assert.Equal(["3"], alone.Ids);
        alone.Store();
        Assert.Equal(400, (await results[0]).Problem!.Status);
        Assert.Equal("3", (await results[1]).Value.Message!.Id);
        await appender.StopAsync(Token);
    }

    [Fact]
    public async Task AllPostsOfACallAre503_WhenDbmanIsAway_AndTheNextOneIsTriedAfresh()
    {
        using var appender = await StartAsync(new AppendOptions { Calls = 1 });
        var (_, results) = await GatherAsync(appender, "2", "3");
        (await _dbman.NextAsync(Token)).Refuse(HttpStatusCode.ServiceUnavailable);
        Assert.All(await Task.WhenAll(results), static result => Assert.Equal(503, result.Problem!.Status));
        var next = appender.AppendAsync(Item("4"), Token);
        (await _dbman.NextAsync(Token)).Store();
        Assert.True((await next).IsSuccess);
        await appender.StopAsync(Token);
    }

    [Fact]
    public async Task PostIsRefused_WhenTooManyWait()
    {
        using var appender = await StartAsync(new AppendOptions { Calls = 1, Queue = 2 });
        var (_, results) = await GatherAsync(appender, answerFirst: false, "2", "3");
        var refused = await appender.AppendAsync(Item("4"), Token);
        Assert.Equal((503, ProblemTypes.Overloaded, 1), (refused.Problem!.Status, refused.Problem.Type, (int)refused.Problem.RetryAfter!.Value.TotalSeconds));
        Assert.Equal(2, results.Count);
    }

    [Fact]
    public async Task OthersAreStored_WhenOneSenderGoesAway()
    {
        using var appender = await StartAsync(new AppendOptions { Calls = 1 });
        using var gone = new CancellationTokenSource();
        var leaving = appender.AppendAsync(Item("1"), gone.Token);
        var call = await _dbman.NextAsync(Token);
        var staying = appender.AppendAsync(Item("2"), Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        call.Store();
        (await _dbman.NextAsync(Token)).Store();
        Assert.True((await staying).IsSuccess);
        await appender.StopAsync(Token);
    }

    [Fact]
    public async Task CallIsCut_WhenItsTextsAreLong()
    {
        using var appender = await StartAsync(new AppendOptions { Calls = 1, MaxBatchCharacters = 10_000 });
        var first = appender.AppendAsync(Item("1"), Token);
        var call = await _dbman.NextAsync(Token);
        var others = new[] { "2", "3", "4" }.Select(id => appender.AppendAsync(Item(id) with { Text = new string('x', 6_000) }, Token)).ToList();
        call.Store();
        call = await _dbman.NextAsync(Token);
        Assert.Equal(["2", "3"], call.Ids);
        call.Store();
        (await _dbman.NextAsync(Token)).Store();
        Assert.All(await Task.WhenAll([first, .. others]), static result => Assert.True(result.IsSuccess));
        await appender.StopAsync(Token);
    }

    private static AppendItem Item(string id) => new("t", "r", id, "ann", "x");

    private async Task<MessageAppender> StartAsync(AppendOptions options)
    {
        var appender = new MessageAppender(
            new DbmanClient(new HttpClient(_dbman, disposeHandler: false) { BaseAddress = new Uri("http://dbman") }),
            Options.Create(options),
            new MessageTelemetry(_services.GetRequiredService<IMeterFactory>()),
            NullLogger<MessageAppender>.Instance);
        await appender.StartAsync(Token);
        return appender;
    }

    private Task<(Task<ServiceResult<AppendOutcome>> First, List<Task<ServiceResult<AppendOutcome>>> Others)> GatherAsync(MessageAppender appender, params string[] ids) =>
        GatherAsync(appender, answerFirst: true, ids);

    /// <summary>Holds the one call with post 1 until the others wait behind it: they make the next call together.</summary>
    private async Task<(Task<ServiceResult<AppendOutcome>> First, List<Task<ServiceResult<AppendOutcome>>> Others)> GatherAsync(
        MessageAppender appender, bool answerFirst, params string[] ids)
    {
        var first = appender.AppendAsync(Item("1"), Token);
        var call = await _dbman.NextAsync(Token);
        var others = ids.Select(id => appender.AppendAsync(Item(id), Token)).ToList();
        if (answerFirst)
        {
            call.Store();
            await first;
        }

        return (first, others);
    }

    /// <summary>Dbman's append as a test wants it: each call waits for the test's answer.</summary>
    private sealed class ScriptedDbman : HttpMessageHandler
    {
        private readonly Channel<Call> _calls = Channel.CreateUnbounded<Call>();

        public static AppendOutcome Stored(string id) =>
            new(new MessageRecord("t", "r", 1, id, "ann", "x", DateTimeOffset.UnixEpoch));

        public Task<Call> NextAsync(CancellationToken cancellationToken) => Eventually.NextAsync(_calls.Reader, "append call", cancellationToken);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = await request.Content!.ReadFromJsonAsync(ContractsJsonContext.Default.AppendRequest, cancellationToken);
            var call = new Call([.. body!.Items.Select(static item => item.Id)]);
            await _calls.Writer.WriteAsync(call, cancellationToken);
            return await call.Response.Task.WaitAsync(cancellationToken);
        }

        public sealed record Call(List<string> Ids)
        {
            public TaskCompletionSource<HttpResponseMessage> Response { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

            public void Store() => Answer(new AppendResponse([.. Ids.Select(Stored)]));

            public void Answer(AppendResponse response) => Response.SetResult(
                new HttpResponseMessage { Content = JsonContent.Create(response, ContractsJsonContext.Default.AppendResponse) });

            public void Refuse(HttpStatusCode status) => Response.SetResult(new HttpResponseMessage(status));
        }
    }
}
