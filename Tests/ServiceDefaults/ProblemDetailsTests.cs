using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using Contracts;
using Contracts.Results;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using ServiceDefaults.Errors;

namespace Tests.ServiceDefaults;

public sealed class ProblemDetailsTests
{
    internal sealed record Order(string Name, int Count, Line[]? Lines = null);

    internal sealed record Line(int Price);

    public static TheoryData<string, string> BrokenBodies => new()
    {
        { "{\"name\":\"a\",\"count\":\"many\"}", "$.count" },
        { "{\"name\":\"a\",\"count\":1,\"lines\":[{\"price\":1},{\"price\":true}]}", "$.lines[1].price" },
        { "{\"name\":\"a\",", "$" },
        { "not json", "$" },
        { "[1,2]", "$" },
        { "", "$" },
    };

    [Theory]
    [MemberData(nameof(BrokenBodies))]
    public async Task NamesThePath_WhenTheBodyIsNotTheJsonThatIsExpected(string json, string path)
    {
        foreach (var environment in (string[])["Production", "Development"])
        {
            await using var host = await StartAsync(environment);
            using var content = new StringContent(json, Encoding.UTF8, "application/json");
            using var response = await host.Client.PostAsync("/orders", content, TestContext.Current.CancellationToken);

            var body = await response.ProblemAsync(400, ProblemTypes.InvalidRequest);
            Assert.Equal(path, body.TryGetProperty("path", out var value) ? value.GetString() : "");
            Assert.Empty(host.Logs.Errors);
        }
    }

    [Fact]
    public async Task Is413_WhenTheBodyIsTooLong()
    {
        await using var host = await StartAsync(settings: new() { ["Limits:MaxBodyBytes"] = "1024" });
        using var declared = await host.Client.PostAsJsonAsync("/orders", new Order(new string('x', 2_000), 1), TestContext.Current.CancellationToken);
        await declared.ProblemAsync(413, ProblemTypes.PayloadTooLarge);

        // Without Content-Length the bound is met only while reading.
        using var request = new HttpRequestMessage(HttpMethod.Post, "/orders")
        {
            Content = JsonContent.Create(new Order(new string('x', 2_000), 1)),
            Headers = { TransferEncodingChunked = true },
        };
        using var chunked = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        await chunked.ProblemAsync(413, ProblemTypes.PayloadTooLarge);
    }

    [Fact]
    public async Task IsAProblem_WhenRoutingRefuses()
    {
        await using var host = await StartAsync();

        using var missing = await host.Client.GetAsync("/nowhere", TestContext.Current.CancellationToken);
        await missing.ProblemAsync(404, ProblemTypes.NotFound);
        using var method = await host.Client.DeleteAsync("/orders", TestContext.Current.CancellationToken);
        await method.ProblemAsync(405, ProblemTypes.MethodNotAllowed);
        using var xml = new StringContent("<a/>", Encoding.UTF8, "application/xml");
        using var media = await host.Client.PostAsync("/orders", xml, TestContext.Current.CancellationToken);
        await media.ProblemAsync(415, ProblemTypes.UnsupportedMediaType);
        using var query = await host.Client.GetAsync("/number/x", TestContext.Current.CancellationToken);
        await query.ProblemAsync(400, ProblemTypes.InvalidRequest);
    }

    [Fact]
    public async Task IsAProblem_WhateverTheCallerAccepts()
    {
        await using var host = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/nowhere") { Headers = { { "Accept", "text/html" } } };
        using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);

        await response.ProblemAsync(404, ProblemTypes.NotFound);
    }

    [Fact]
    public async Task TellsNothingOfTheException_WhenTheServiceFails()
    {
        await using var host = await StartAsync();
        using var response = await host.Client.GetAsync("/bug", TestContext.Current.CancellationToken);

        var body = await response.ProblemAsync(500, ProblemTypes.InternalError);
        Assert.DoesNotContain("secret", body.ToString());
        Assert.Contains(host.Logs.Errors, error => error.Contains("secret detail", StringComparison.Ordinal));
    }

    [Fact]
    public async Task TellsTheException_InDevelopment()
    {
        await using var host = await StartAsync("Development");
        using var response = await host.Client.GetAsync("/bug", TestContext.Current.CancellationToken);

        var body = await response.ProblemAsync(500, ProblemTypes.InternalError);
        Assert.Contains("secret detail", body.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task HandsOnWhatTheOtherServiceSaid_WithItsRetryAfter()
    {
        await using var host = await StartAsync();
        using var response = await host.Client.GetAsync("/upstream", TestContext.Current.CancellationToken);

        var body = await response.ProblemAsync(503, ProblemTypes.DatabaseUnavailable);
        Assert.Equal("Database unavailable", body.GetProperty("title").GetString());
        Assert.Equal("gone", body.GetProperty("detail").GetString());
        Assert.Equal(TimeSpan.FromSeconds(3), response.Headers.RetryAfter?.Delta);
        Assert.Equal(3, body.GetProperty("retryAfter").GetInt32());
    }

    [Fact]
    public async Task AlwaysHasRetryAfter_When429Or503()
    {
        await using var host = await StartAsync();

        using var overloaded = await host.Client.GetAsync("/status/503", TestContext.Current.CancellationToken);
        await overloaded.ProblemAsync(503, ProblemTypes.Overloaded);
        Assert.NotNull(overloaded.Headers.RetryAfter);
        using var busy = await host.Client.GetAsync("/status/429", TestContext.Current.CancellationToken);
        await busy.ProblemAsync(429, ProblemTypes.TooManyRequests);
        Assert.NotNull(busy.Headers.RetryAfter);
    }

    [Fact]
    public async Task IsNoError_WhenTheCallerGoesAway()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await ServiceHost.StartAsync(map: app =>
        {
            app.Use(async (context, next) =>
            {
                try
                {
                    await next(context);
                }
                finally
                {
                    context.Response.OnCompleted(() =>
                    {
                        left.TrySetResult();
                        return Task.CompletedTask;
                    });
                }
            });
            app.MapGet("/slow", async (CancellationToken cancellationToken) =>
            {
                entered.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            });
        });

        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(host.Address.Host, host.Address.Port, TestContext.Current.CancellationToken);
            await socket.GetStream().WriteAsync("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
            await entered.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            socket.Client.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        await left.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Empty(host.Logs.Errors);
    }

    [Fact]
    public async Task Is503_WhenARequestTakesTooLong()
    {
        await using var host = await ServiceHost.StartAsync(
            map: app => app.MapGet("/slow", (CancellationToken cancellationToken) =>
                Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken)),
            settings: new() { ["Limits:RequestTimeout"] = "00:00:00.100" });
        using var response = await host.Client.GetAsync("/slow", TestContext.Current.CancellationToken);

        Assert.Empty(host.Logs.Errors);
        await response.ProblemAsync(503, ProblemTypes.Overloaded);
    }

    [Fact]
    public async Task Is431_WhenThereAreTooManyHeaders()
    {
        await using var host = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/number/1");
        for (var i = 0; i < 100; i++)
        {
            request.Headers.Add($"x-{i}", "1");
        }

        using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, response.StatusCode);
    }

    private static Task<ServiceHost> StartAsync(string environment = "Production", Dictionary<string, string?>? settings = null) =>
        ServiceHost.StartAsync(
            map: app =>
            {
                app.MapPost("/orders", (Order order) => Results.Ok(order.Count));
                app.MapGet("/number/{n}", (int n) => Results.Ok(n));
                app.MapGet("/bug", IResult () => throw new InvalidOperationException("secret detail"));
                app.MapGet("/status/{code}", (int code) => Results.StatusCode(code));
                app.MapGet("/upstream", () => new ServiceResult<int>(
                    new ServiceProblem(503, ProblemTypes.DatabaseUnavailable, "x", "gone", TimeSpan.FromSeconds(2.1))).ToHttp(_ => Results.Ok()));
            },
            environment: environment,
            settings: settings);
}
