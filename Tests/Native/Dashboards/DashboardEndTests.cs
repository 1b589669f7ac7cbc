using System.Net;
using System.Net.Sockets;
using Aspire.Hosting.Testing;
using Tests.Infrastructure;

namespace Tests.Native.Dashboards;

public sealed class DashboardEndTests
{
    private static CancellationToken Token => App.Token;

    [Fact]
    public async Task DashboardEnds_WithAnApplicationThatIsDisposedOfWithoutBeingStopped()
    {
        Engines.SkipUnlessNative();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = new Uri($"http://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}");
        listener.Stop();
        using var client = new HttpClient { BaseAddress = address };
        var builder = DistributedApplicationTestingBuilder.Create([$"--ASPNETCORE_URLS={address}"], (options, _) => options.DisableDashboard = false);
        await using (var app = await builder.BuildAsync(Token))
        {
            await app.StartAsync(Token);
            await Eventually.ClearAsync(async () => await AnswersAsync(client) ? null : "It does not answer.");
        }

        await Eventually.ClearAsync(async () => await AnswersAsync(client) ? "It still answers." : null);
    }

    private static async Task<bool> AnswersAsync(HttpClient client)
    {
        try
        {
            using var response = await client.GetAsync("/login", Token);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
