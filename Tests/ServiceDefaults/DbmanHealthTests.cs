using System.Text.Json;
using Contracts;
using Contracts.Dbman;
using Contracts.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using ServiceDefaults.Errors;
using ServiceDefaults.Health;
using ServiceDefaults.Http;
using ServiceDefaults.Identity;
using Tests.Infrastructure;

namespace Tests.ServiceDefaults;

/// <summary>A caller of dbman is ready while dbman answers it.</summary>
public sealed class DbmanHealthTests
{
    private static readonly IResult Nothing = TypedResults.Json(new RevokedSessionsResponse([], DateTimeOffset.UnixEpoch, More: false));
    private static readonly IResult NoDatabase = Problems.Unavailable("gone", ProblemTypes.DatabaseUnavailable);
    private readonly FakeTimeProvider _time = new();
    private volatile IResult _answer = NoDatabase;

    [Fact]
    public async Task ReadyFollowsWhatDbmanAnswers_AndABusyDbmanIsNoReasonToLeave()
    {
        await using var dbman = await ServiceHost.StartAsync(map: app => app.MapGet(DbmanRoutes.RevokedSessions, () => _answer).AllowAnonymous());
        await using var host = await ServiceHost.StartAsync(
            builder =>
            {
                builder.Services.AddSingleton<TimeProvider>(_time);
                builder.AddUserAuthentication();
                builder.AddDbmanClient();
                builder.AddSessionRevocation();
                builder.AddDbmanHealthCheck();
            },
            settings: new() { ["services:dbman:http:0"] = dbman.Address.ToString(), ["ServiceClients:MaxRetries"] = "0" });

        Assert.Equal("dbman has not answered yet.", await ReasonAsync(host));
        _answer = Nothing;
        await UntilAsync(host, static reason => reason is null);

        _answer = Problems.Overloaded("busy");
        _time.Advance(DbmanHealthCheck.LongestSilence * 2);
        await UntilAsync(host, static reason => reason is null);

        _answer = NoDatabase;
        await UntilAsync(host, static reason => reason?.StartsWith("dbman has not answered for ", StringComparison.Ordinal) == true);
        _answer = Nothing;
        await UntilAsync(host, static reason => reason is null);
    }

    /// <summary>Lets the feed poll until the check says so.</summary>
    private Task UntilAsync(ServiceHost host, Func<string?, bool> holds) => Eventually.ClearAsync(async () =>
    {
        _time.Advance(TimeSpan.FromMilliseconds(500));
        var reason = await ReasonAsync(host);
        return holds(reason) ? null : reason ?? "healthy";
    });

    private static async Task<string?> ReasonAsync(ServiceHost host)
    {
        using var response = await host.Client.GetAsync("/health/ready", TestContext.Current.CancellationToken);
        var check = (await response.JsonAsync()).GetProperty("checks").GetProperty("dbman");
        return check.TryGetProperty("reason", out var reason) && reason.ValueKind == JsonValueKind.String ? reason.GetString() : null;
    }
}
