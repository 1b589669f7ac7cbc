using System.Globalization;
using AppHost.Stores;
using Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Options;
using ServiceDefaults.Identity;
using Tests.Infrastructure;

namespace Tests.ServiceDefaults;

/// <summary>Health and metrics on a port of their own, and what a caller of either port can make of the other.</summary>
public sealed class ManagementPortTests
{
    private static readonly string[] Management = ["/health/live", "/health/ready", "/health/startup", "/metrics", "/HEALTH/live"];
    private static readonly string[] Own = ["/hello", "/secret", "/files/of/anybody"];
    private readonly int _port = LoopbackPorts.Free();

    [Fact]
    public async Task EachPortHasItsOwnEndpointsAndNoOthers_WhateverTheRequestClaims()
    {
        await using var host = await StartAsync();
        var (service, management) = (host.Address, new Uri($"http://127.0.0.1:{_port}"));

        foreach (var (here, there) in new[] { (service, management), (management, service) })
        {
            var isManagement = here == management;
            foreach (var (path, isHere) in Management.Select(path => (path, isManagement)).Concat(Own.Select(path => (path, !isManagement))))
            {
                var expected = !isHere ? 404 : path == "/secret" ? 401 : 200;
                foreach (var (target, authority) in new[]
                {
                    (path, here.Authority), (path, there.Authority), (path, $"localhost:{there.Port}"), ($"{there.GetLeftPart(UriPartial.Authority)}{path}", there.Authority),
                })
                {
                    var answer = await AskAsync(here, $"GET {target} HTTP/1.1\r\nHost: {authority}\r\nX-Forwarded-Host: {there.Authority}\r\nX-Forwarded-Port: {there.Port}\r\n");
                    Assert.True(RawHttp.StatusOf(answer) == expected, $"{here} GET {target}, Host {authority}: {answer}");
                    Assert.Equal(expected == 404, answer.Contains(ProblemTypes.NotFound, StringComparison.Ordinal));
                }
            }
        }

        // Not even that there is something else: another method is 404 there, and 405 where the endpoint is.
        Assert.Equal(404, RawHttp.StatusOf(await AskAsync(management, $"DELETE /hello HTTP/1.1\r\nHost: {service.Authority}\r\n")));
        Assert.Equal(405, RawHttp.StatusOf(await AskAsync(service, $"DELETE /hello HTTP/1.1\r\nHost: {service.Authority}\r\n")));
    }

    [Fact]
    public async Task BothAnswerOnTheServicesPort_WhenThereIsNoOther()
    {
        await using var host = await StartAsync(("Management:Port", "0"));
        foreach (var path in (string[])[.. Management, "/hello"])
        {
            Assert.Equal(200, RawHttp.StatusOf(await AskAsync(host.Address, $"GET {path} HTTP/1.1\r\nHost: x\r\n")));
        }
    }

    [Fact]
    public async Task ProbesAnswer_WhenAllConnectionsOfTheServiceAreTaken()
    {
        await using var host = await StartAsync(("Limits:MaxConnections", "1"));
        Assert.Equal("hello", await host.Client.GetStringAsync("/hello", TestContext.Current.CancellationToken));

        // The client keeps its connection, so this one is closed without an answer.
        Assert.Equal("", await AskAsync(host.Address, "GET /hello HTTP/1.1\r\nHost: x\r\n"));
        Assert.Equal(200, RawHttp.StatusOf(await AskAsync(new Uri($"http://127.0.0.1:{_port}"), "GET /health/live HTTP/1.1\r\nHost: x\r\n")));
    }

    [Fact]
    public async Task StartEnds_WhenThePortIsNone()
    {
        var wrong = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(("Management:Port", "65536")));
        Assert.Contains("Management:Port", wrong.Message, StringComparison.Ordinal);

        // It would be the only port, and the service itself unreachable.
        var alone = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(("urls", "")));
        Assert.Contains("HTTP_PORTS", alone.Message, StringComparison.Ordinal);
    }

    private Task<ServiceHost> StartAsync(params IEnumerable<(string Name, string Value)> settings)
    {
        var all = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Management:Port"] = _port.ToString(CultureInfo.InvariantCulture) };
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }

        return ServiceHost.StartAsync(
            static builder => builder.AddUserAuthentication(),
            static app =>
            {
                app.MapGet("/hello", static () => "hello").AllowAnonymous();
                app.MapGet("/secret", static () => "secret").RequireAuthorization(Policies.User);
                app.MapGet("/files/{**path}", static () => "file").AllowAnonymous();
            },
            settings: all);
    }

    private static async Task<string> AskAsync(Uri address, string head)
    {
        using var raw = await RawHttp.SendAsync(address, head + "Connection: close\r\n\r\n");
        return await raw.ReadToEndAsync();
    }
}
