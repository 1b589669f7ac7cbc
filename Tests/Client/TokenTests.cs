using Contracts;
using Contracts.Public;
using Microsoft.Extensions.Time.Testing;

namespace Tests.Client;

/// <summary>Tokens renew themselves; a refresh token is never spent twice.</summary>
public sealed class TokenTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private FakeServices _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await FakeServices.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task NobodySignedIn_IsAProblem_NotAnException()
    {
        await using var client = new global::Client.ChatClient(_server.Options(_time));
        var result = await client.Account.GetMeAsync(Token);
        Assert.Equal((401, ProblemTypes.Unauthenticated), (result.Problem!.Status, result.Problem.Type));
        Assert.Empty(_server.MeCalls);
    }

    [Fact]
    public async Task OneExchange_ForAllCallers()
    {
        await using var client = await _server.SignInAsync(_time);
        _time.Advance(TimeSpan.FromMinutes(10));
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.BeforeRefresh = () => gate.Task;
        var renewed = new List<TokenResponse>();
        client.TokensRenewed += renewed.Add;
        var calls = Enumerable.Range(0, 16).Select(_ => client.Account.GetMeAsync(Token)).ToList();
        gate.SetResult();
        Assert.All(await Task.WhenAll(calls), result => Assert.True(result.IsSuccess));
        Assert.Equal(["refresh1"], _server.Refreshes);
        Assert.All(_server.MeCalls, token => Assert.Equal("access2", token));
        Assert.Equal("refresh2", Assert.Single(renewed).RefreshToken);
        Assert.Equal("refresh2", client.SignedIn!.RefreshToken);
    }

    [Fact]
    public async Task RefreshedBeforeExpiry_ByTheSkew()
    {
        await using var client = await _server.SignInAsync(_time);
        _time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(16));
        Assert.True((await client.Account.GetMeAsync(Token)).IsSuccess);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True((await client.Account.GetMeAsync(Token)).IsSuccess);
        Assert.Equal(["access1", "access2"], _server.MeCalls);
    }

    [Fact]
    public async Task RefusedToken_IsRenewedOnce_HoweverManyCallsMetIt()
    {
        await using var client = await _server.SignInAsync(_time);
        _server.RefusedTokens["access1"] = true;
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.Account.GetMeAsync(Token)));
        Assert.All(results, result => Assert.True(result.IsSuccess));
        Assert.Equal(["refresh1"], _server.Refreshes);
    }

    [Fact]
    public async Task RefusedToken_IsNotTriedForEver()
    {
        await using var client = await _server.SignInAsync(_time);
        _server.RefusedTokens["access1"] = true;
        _server.RefusedTokens["access2"] = true;
        Assert.Equal(401, (await client.Account.GetMeAsync(Token)).Problem!.Status);
        Assert.Equal(["access1", "access2"], _server.MeCalls);
    }

    [Fact]
    public async Task WrongPassword_IsNotSentTwice()
    {
        await using var client = await _server.SignInAsync(_time);
        var result = await client.Account.ChangePasswordAsync(new ChangePasswordRequest("wrong", "a new password"), Token);
        Assert.Equal(401, result.Problem!.Status);
        Assert.Equal(1, _server.PasswordCalls);
        Assert.Empty(_server.Refreshes);
    }

    [Fact]
    public async Task OldTokenServesOn_WhileSessionIsAway_UntilItExpires()
    {
        await using var client = await _server.SignInAsync(_time);
        _server.RefreshStatus = 503;
        _time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(5));
        Assert.True((await client.Account.GetMeAsync(Token)).IsSuccess);
        _time.Advance(TimeSpan.FromSeconds(5));
        var result = await client.Account.GetMeAsync(Token);
        Assert.Equal(503, result.Problem!.Status);
        _server.RefreshStatus = 200;
        Assert.True((await client.Account.GetMeAsync(Token)).IsSuccess);
    }

    [Fact]
    public async Task CallerThatGivesUp_DoesNotTearTheExchangeAway()
    {
        await using var client = await _server.SignInAsync(_time);
        _time.Advance(TimeSpan.FromMinutes(10));
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.BeforeRefresh = () =>
        {
            asked.TrySetResult();
            return gate.Task;
        };
        using var impatient = new CancellationTokenSource();
        var first = client.Account.GetMeAsync(impatient.Token);
        await asked.Task.WaitAsync(Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        var second = client.Account.GetMeAsync(Token);
        gate.SetResult();
        Assert.True((await second).IsSuccess);
        Assert.Equal(["refresh1"], _server.Refreshes);
    }

    [Fact]
    public async Task SessionThatHasEnded_IsAProblem()
    {
        await using var client = await _server.SignInAsync(_time);
        _server.RefreshStatus = 401;
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(401, (await client.Account.GetMeAsync(Token)).Problem!.Status);
    }
}
