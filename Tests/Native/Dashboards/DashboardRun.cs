using System.Net;
using System.Net.Sockets;

namespace Tests.Native.Dashboards;

/// <summary>
/// An AppHost that runs as a program of its own, with its dashboard, for all tests of the collection: started by the first that asks. Each takes a link
/// of its own.
/// </summary>
public sealed class DashboardRun : IAsyncDisposable
{
    /// <summary>How many pages may be open at once.</summary>
    public const int MostPages = 4;

    private const string Before = "Dashboard: ";
    private readonly string _temporary = Directory.CreateTempSubdirectory("dashboard-test-").FullName;
    private readonly SemaphoreSlim _linkInUse = new(1, 1);
    private AppHostProcess? _run;

    /// <summary>The browser's side.</summary>
    public Uri Address { get; } = new($"http://localhost:{FreePort()}");

    internal AppHostProcess Run => _run ?? throw new InvalidOperationException("Nothing was started.");

    private static CancellationToken Token => App.Token;

    /// <summary>Signs in with the link that was printed last, which is then used up; the next caller waits for the next.</summary>
    public async Task<T> WithLinkAsync<T>(Func<Uri, Task<T>> use)
    {
        await _linkInUse.WaitAsync(Token);
        try
        {
            var before = Links().Last();
            var result = await use(new Uri(before));
            await Infrastructure.Eventually.ClearAsync(() => Task.FromResult(Links().Last() == before ? "The link was not renewed." : null));
            return result;
        }
        finally
        {
            _linkInUse.Release();
        }
    }

    /// <summary>A client without a session, which follows no redirection.</summary>
    public HttpClient CreateClient() => new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = Address };

    /// <summary>Returns when the dashboard answers.</summary>
    public async Task StartedAsync()
    {
        Engines.SkipUnlessNative();
        if (_run is not null)
        {
            return;
        }

        _run = AppHostProcess.Start(
            _temporary,
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["ASPNETCORE_URLS"] = Address.ToString(),
                ["Dashboard__MostPages"] = MostPages.ToString(System.Globalization.CultureInfo.InvariantCulture),
            },
            "--WithoutPostgres=1",
            "--WithDashboardSubjects=1");
        await _run.UntilAsync(Before, Token);
        using var client = CreateClient();
        await Infrastructure.Eventually.ClearAsync(async () =>
        {
            try
            {
                using var response = await client.GetAsync("/login", Token);
                return response.StatusCode == HttpStatusCode.OK ? null : $"{response.StatusCode}";
            }
            catch (HttpRequestException e)
            {
                return e.Message;
            }
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_run is { } run)
        {
            using var kill = System.Diagnostics.Process.Start("/bin/kill", ["-s", "TERM", $"{run.Id}"]);
            await kill.WaitForExitAsync(CancellationToken.None);
            await run.ExitAsync(CancellationToken.None);
            await run.DisposeAsync();
        }

        _linkInUse.Dispose();
        Directory.Delete(_temporary, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private IEnumerable<string> Links() => Run.Said.Where(l => l.StartsWith(Before, StringComparison.Ordinal)).Select(l => l[Before.Length..]);
}
