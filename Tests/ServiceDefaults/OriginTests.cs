using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ServiceDefaults.Errors;
using ServiceDefaults.Origins;

namespace Tests.ServiceDefaults;

/// <summary>Which pages of other origins may call.</summary>
public sealed class OriginTests
{
    private const string Allowed = "http://localhost:5102";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AllowedOrigin_MayAskAndReadTheAnswer()
    {
        await using var host = await StartAsync(Allowed, "https://chat.example.org");

        using var preflight = await host.Client.SendAsync(Preflight("/v1/busy", Allowed), Token);
        Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
        Assert.Equal(Allowed, Header(preflight, "Access-Control-Allow-Origin"));
        Assert.Equal("7200", Header(preflight, "Access-Control-Max-Age"));
        Assert.Contains("PUT", Header(preflight, "Access-Control-Allow-Methods"), StringComparison.Ordinal);
        Assert.Contains("x-file-name", Header(preflight, "Access-Control-Allow-Headers"), StringComparison.OrdinalIgnoreCase);
        Assert.Empty(Header(preflight, "Access-Control-Allow-Credentials"));

        // Refusals too: a page that cannot read Retry-After cannot wait for it.
        using var refused = await host.Client.SendAsync(Call("/v1/busy", "https://chat.example.org"), Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("https://chat.example.org", Header(refused, "Access-Control-Allow-Origin"));
        Assert.Contains("Origin", Header(refused, "Vary"), StringComparison.Ordinal);
        foreach (var header in (string[])["Retry-After", "ETag", "Content-Range"])
        {
            Assert.Contains(header, Header(refused, "Access-Control-Expose-Headers"), StringComparison.Ordinal);
        }

        using var failed = await host.Client.SendAsync(Call("/v1/broken", Allowed), Token);
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        Assert.Equal(Allowed, Header(failed, "Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("http://localhost:5103")]
    [InlineData("https://localhost:5102")]
    [InlineData("http://localhost:5102.example.org")]
    [InlineData("http://example.localhost:5102")]
    [InlineData("null")]
    public async Task OtherOrigin_IsToldNothing(string origin)
    {
        await using var host = await StartAsync(Allowed);

        using var preflight = await host.Client.SendAsync(Preflight("/v1/busy", origin), Token);
        using var call = await host.Client.SendAsync(Call("/v1/busy", origin), Token);

        Assert.Empty(Header(preflight, "Access-Control-Allow-Origin"));
        Assert.Empty(Header(call, "Access-Control-Allow-Origin"));
        Assert.Contains("Origin", Header(call, "Vary"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://localhost:5102", "Development", true)]
    [InlineData("http://127.0.0.1:5102", "Development", true)]
    [InlineData("http://[::1]:5102", "Development", true)]
    [InlineData("http://127.0.0.1:5103", "Development", false)]
    [InlineData("https://127.0.0.1:5102", "Development", false)]
    [InlineData("http://127.0.0.1:5102/", "Development", false)]
    [InlineData("http://127.0.0.1.example.org:5102", "Development", false)]
    [InlineData("http://127.0.0.1:5102", "Production", false)]
    [InlineData("http://[::1]:5102", "Production", false)]
    public async Task PageOfThisMachine_IsTheSameByEachOfItsNames_InDevelopment(string origin, string environment, bool allowed)
    {
        await using var host = await StartInAsync(environment, Allowed);

        using var call = await host.Client.SendAsync(Call("/v1/busy", origin), Token);

        Assert.Equal(allowed ? origin : "", Header(call, "Access-Control-Allow-Origin"));
        Assert.Equal(allowed, new AllowedOrigins([Allowed], host.Get<IHostEnvironment>()).Contains(origin));
    }

    [Fact]
    public async Task NoOriginIsAllowed_WhereNoneIsConfigured()
    {
        await using var host = await StartAsync();

        using var preflight = await host.Client.SendAsync(Preflight("/v1/busy", Allowed), Token);
        using var call = await host.Client.SendAsync(Call("/v1/busy", Allowed), Token);

        Assert.Empty(Header(preflight, "Access-Control-Allow-Origin"));
        Assert.Empty(Header(call, "Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task HealthAndMetricsAreNotForPages()
    {
        await using var host = await StartAsync(Allowed);

        foreach (var path in (string[])["/health/live", "/metrics"])
        {
            using var answer = await host.Client.SendAsync(Call(path, Allowed), Token);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Empty(Header(answer, "Access-Control-Allow-Origin"));
        }
    }

    [Theory]
    [InlineData("*")]
    [InlineData("localhost:5102")]
    [InlineData("http://localhost:5102/")]
    [InlineData("http://LOCALHOST:5102")]
    [InlineData("https://example.org:443")]
    [InlineData("ftp://example.org")]
    public async Task WhatIsNoOrigin_IsRefusedAtTheStart(string origin)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(origin));

        Assert.Contains("Cors:Origins", failure.Message, StringComparison.Ordinal);
    }

    private static Task<ServiceHost> StartAsync(params string[] origins) => StartInAsync("Production", origins);

    private static Task<ServiceHost> StartInAsync(string environment, params string[] origins) => ServiceHost.StartAsync(
        environment: environment,
        map: static app =>
        {
            app.MapGet("/v1/busy", static () => Problems.Overloaded("Later.", TimeSpan.FromSeconds(7)));
            app.MapGet("/v1/broken", string () => throw new InvalidOperationException("A bug."));
        },
        settings: origins.Select((origin, index) => (origin, index)).ToDictionary(pair => $"Cors:Origins:{pair.index}", pair => (string?)pair.origin, StringComparer.Ordinal));

    private static HttpRequestMessage Call(string path, string origin)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Origin", origin);
        return request;
    }

    private static HttpRequestMessage Preflight(string path, string origin)
    {
        var request = new HttpRequestMessage(HttpMethod.Options, path);
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "PUT");
        request.Headers.Add("Access-Control-Request-Headers", "authorization, content-type, x-file-name");
        return request;
    }

    private static string Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) || response.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : "";
}
