using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using ServiceDefaults.Identity;
using Session;
using Session.Keys;
using Tests.Infrastructure;
using Tests.Infrastructure.Browsing;
using Tests.Realtime.Migration;
using Tests.Session;

namespace Tests.Realtime.Console;

/// <summary>Nodes with their consoles, on a real dbman, PostgreSQL and Redis, and a real Session for passwords.</summary>
internal sealed class ConsoleRig : IAsyncDisposable
{
    public const string Password = SessionSystem.Password;
    public const string Operators = "operators";

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
        var driving = await DriverRig.StartAsync(servers, nodes: 0);
        var session = RunningService<SessionTelemetry>.Start(
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["services:dbman:http:0"] = driving.Dbman.Address.ToString(),
                ["services:realtime:http:0"] = "http://127.0.0.1:1",

                // The least that is allowed: a test is no place to wait for a password.
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
        var tab = await _browser.OpenAsync(Token, options);
        await SignInAsync(tab, node ?? Node, "admin", path);
        try
        {
            await AliveAsync(tab);
        }
        catch (PlaywrightException exception)
        {
            throw new InvalidOperationException($"The page does not come to life: {string.Join("; ", tab.Errors)}; {string.Join("; ", (node ?? Node).Errors)}", exception);
        }

        return tab;
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
    public static Task AliveAsync(BrowserTab tab) => Assertions.Expect(tab.Page.Locator("[data-alive=true] h1")).ToBeVisibleAsync();

    /// <summary>Another user of the operators' tenant, who is no admin.</summary>
    public async Task<string> AddMemberAsync()
    {
        using var http = _session.ClientOf();
        await SessionSystem.TokensAsync(
            SessionSystem.PostAsync(http, $"/v1/tenants/{Operators}/users", new Contracts.Public.RegisterRequest("mia", Password)), 201);
        return "mia";
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
