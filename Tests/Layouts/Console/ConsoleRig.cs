using Contracts.Messages;
using Contracts.Publish;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Npgsql;
using ServiceDefaults.Identity;
using Session;
using Session.Keys;
using Tests.Infrastructure;
using Tests.Infrastructure.Browsing;
using Tests.Layouts.Driving;
using Tests.Realtime;
using Tests.Session;

namespace Tests.Layouts.Console;

/// <summary>Nodes with their consoles, on a real dbman, PostgreSQL and Redis, and a real Session for passwords.</summary>
internal sealed class ConsoleRig : IAsyncDisposable
{
    public const string Password = SessionSystem.Password;
    public const string Operators = "operators";
    public const string Layouts = "/console/layouts";

    /// <summary>There on every page once it shows what the node knows.</summary>
    private const string Alive = "[data-alive=true] h1";

    private readonly RunningService<SessionTelemetry> _session;
    private readonly Browser _browser;

    private ConsoleRig(DriverRig driving, RunningService<SessionTelemetry> session, Browser browser)
    {
        Driving = driving;
        _session = session;
        _browser = browser;
    }

    public DriverRig Driving { get; }

    public RealtimeNode Node => Driving.Nodes[0];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<ConsoleRig> StartAsync(DataServers servers, Browser browser, int nodes = 1, params (string Name, string Value)[] settings)
    {
        var driving = await DriverRig.StartDbmanAsync(servers, ("Dbman:Figures:Report", "00:00:00.200"));
        var session = RunningService<SessionTelemetry>.Start(
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["services:dbman:http:0"] = driving.Dbman.Address.ToString(),
                ["services:realtime:http:0"] = "http://127.0.0.1:1",

                // The minimum: tests should not spend their time on hashing passwords.
                ["Passwords:Iterations"] = "100000",
                ["AddressLimit:Burst"] = "100000",
            },
            static services => services.AddSingleton<IUserKeySource>(static provider => provider.GetRequiredService<KeyRing>()));
        for (var i = 0; i < nodes; i++)
        {
            await driving.AddAsync(
            [
                ("Console:Enabled", "true"),
                ("Console:Poll", "00:00:00.200"),
                ("Console:Recheck", "00:00:00.300"),
                ("Operators:Tenant", Operators),
                ("services:session:http:0", session.Address.ToString()),
                .. settings,
            ]);
        }

        var rig = new ConsoleRig(driving, session, browser);
        await rig.SignUpAsync();
        return rig;
    }

    /// <summary>An operator's tab, signed in at a node.</summary>
    public async Task<BrowserTab> OpenAsync(RealtimeNode? node = null, string path = "/console", BrowserNewContextOptions? options = null)
    {
        BrowserTab? opened = null;

        // Session has two seconds to answer, which a busy machine may miss: the page says so, and its reader tries again.
        await Eventually.ClearAsync(async () =>
        {
            var tab = await _browser.OpenAsync(Token, options);
            await SignInAsync(tab, node ?? Node, "admin", path);
            var refusal = tab.Page.Locator("main [role=alert]");
            try
            {
                await Assertions.Expect(tab.Page.Locator(Alive).Or(refusal).First).ToBeVisibleAsync();
            }
            catch (PlaywrightException exception)
            {
                throw new InvalidOperationException($"The page does not come to life: {string.Join("; ", tab.Errors)}; {string.Join("; ", (node ?? Node).Errors)}", exception);
            }

            if (await tab.Page.Locator(Alive).IsVisibleAsync())
            {
                opened = tab;
                return null;
            }

            var said = await refusal.First.TextContentAsync();
            await tab.DisposeAsync();
            return said;
        });
        return opened!;
    }

    public Task<BrowserTab> OpenUnsignedAsync() => _browser.OpenAsync(Token);

    public static async Task SignInAsync(BrowserTab tab, RealtimeNode node, string user, string path = "/console", string password = Password)
    {
        await tab.Page.GotoAsync(new Uri(node.Address, path).ToString());
        await tab.Page.GetByLabel("User name").FillAsync(user);
        await tab.Page.GetByLabel("Password").FillAsync(password);
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }

    /// <summary>Waits until the page shows what the node knows.</summary>
    public static Task AliveAsync(BrowserTab tab) => Assertions.Expect(tab.Page.Locator(Alive)).ToBeVisibleAsync();

    /// <summary>Another user of the operators' tenant, who is no admin.</summary>
    public async Task<string> AddMemberAsync()
    {
        using var http = _session.ClientOf();
        await SessionSystem.TokensAsync(
            SessionSystem.PostAsync(http, $"/v1/tenants/{Operators}/users", new Contracts.Public.RegisterRequest("mia", Password)), 201);
        return "mia";
    }

    /// <summary>A room of the operators' tenant, with a member of it who listens; what comes is read, and left.</summary>
    public async Task<(RoomKey Room, TestSocket Socket)> ListenAsync(string room, string user = "lis")
    {
        using var http = _session.ClientOf();
        var tokens = await SessionSystem.TokensAsync(
            SessionSystem.PostAsync(http, $"/v1/tenants/{Operators}/users", new Contracts.Public.RegisterRequest(user, Password)), 201);
        var key = new RoomKey(Operators, room);
        Driving.Rooms.Create(key, tokens.User.Id);
        var socket = await TestSocket.ConnectAsync(Node.Address, tokens.AccessToken);
        await socket.ExpectAsync("welcome");
        await socket.SubscribeAsync(room);
        return (key, socket);
    }

    /// <summary>Publishes until it is stopped.</summary>
    public async Task LoadAsync(RoomKey room, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                // As chat's relay does: retried until it is accepted.
                var request = new PublishRequest([Driving.Rooms.Append(room)], []);
                await Eventually.ClearAsync(async () => (await Node.Client.PublishAsync(request, Token)).Problem is { } problem ? $"publishing answers {problem.Status} {problem.Type}" : null);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // It was stopped.
        }
    }

    /// <summary>Takes from all of the operators' tenant what makes them operators.</summary>
    public async Task DemoteAsync()
    {
        await using var connection = new NpgsqlConnection(Driving.Database);
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand("UPDATE users SET role = 'member' WHERE tenant_id = @tenant", connection);
        command.Parameters.AddWithValue("tenant", Operators);
        Assert.True(await command.ExecuteNonQueryAsync(Token) > 0);
    }

    /// <summary>Pictures of a page for people: light and dark, wide and narrow; fails where a phone is too narrow for it.</summary>
    public static async Task PicturesAsync(BrowserTab tab, string name, bool isForReadme = false, bool isWhole = false)
    {
        foreach (var (scheme, word) in ((ColorScheme, string)[])[(ColorScheme.Light, "light"), (ColorScheme.Dark, "dark")])
        {
            await tab.Page.EmulateMediaAsync(new() { ColorScheme = scheme });
            await tab.Page.SetViewportSizeAsync(1280, isWhole ? 1600 : 800);
            if (isForReadme)
            {
                await tab.PictureAsync($"{name}-{word}");
            }

            await tab.ScreenshotAsync($"{name}-{word}");
            await tab.Page.SetViewportSizeAsync(390, isWhole ? 2400 : 844);
            await tab.ScreenshotAsync($"{name}-phone-{word}");
            Assert.True(await tab.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{word}: wider than a phone");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        await Driving.DisposeAsync();
    }

    private async Task SignUpAsync()
    {
        using var http = _session.ClientOf();
        await SessionSystem.TokensAsync(
            SessionSystem.PostAsync(
                http, "/v1/tenants", new Contracts.Public.SignUpRequest(Operators, "Operators", new Contracts.Public.RegisterRequest("admin", Password, "Olga"), OpenRegistration: true)),
            201);
    }
}
