using System.Text.Json;
using Contracts.Dbman;
using Contracts.Public;
using Contracts.Results;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceDefaults.Identity;
using Session;
using Session.Keys;
using Tests.Dbman;
using Tests.Infrastructure;
using static Tests.Infrastructure.Caller;

namespace Tests.Session;

/// <summary>
/// Real PostgreSQL, real Dbman, Session replicas as a test asks for, and a Realtime that records its calls. One for all tests of a class; each makes
/// its own tenant.
/// </summary>
public sealed class SessionSystem(DataServers servers) : IAsyncLifetime
{
    public const string Password = "correct horse battery";

    private TestDatabase _database = null!;
    private HttpClient _http = null!;
    private int _tenants;

    internal DbmanApp Dbman { get; private set; } = null!;

    internal ScriptedRealtime Realtime { get; private set; } = null!;

    /// <summary>The replica for tests that need no other.</summary>
    internal RunningService<SessionTelemetry> Session { get; private set; } = null!;

    internal DbmanClient Store => Dbman.Client;

    /// <summary>A client of <see cref="Session"/> without a token.</summary>
    internal HttpClient Http => _http;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync(Token);
        Dbman = await DbmanApp.StartAsync(_database, Token);
        Realtime = await ScriptedRealtime.StartAsync(Token);
        Session = Start();
        _http = Session.ClientOf();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Session.DisposeAsync();
        await Realtime.DisposeAsync();
        await Dbman.DisposeAsync();
        await _database.DisposeAsync();
    }

    /// <summary>One more replica; with a clock of its own where one is given.</summary>
    internal RunningService<SessionTelemetry> Start(TimeProvider? time = null, params IEnumerable<(string Key, string Value)> settings) =>
        Start(time, services: null, settings);

    /// <summary>A replica that does <paramref name="first"/> before its first call to Dbman whose path ends so.</summary>
    internal RunningService<SessionTelemetry> StartBefore(
        HttpMethod method, string pathEnd, Func<Task> first, params IEnumerable<(string Key, string Value)> settings) =>
        StartBefore(method, pathEnd, first, time: null, settings);

    /// <inheritdoc cref="StartBefore(HttpMethod, string, Func{Task}, IEnumerable{ValueTuple{string, string}})"/>
    internal RunningService<SessionTelemetry> StartBefore(
        HttpMethod method, string pathEnd, Func<Task> first, TimeProvider? time, params IEnumerable<(string Key, string Value)> settings)
    {
        var once = new FirstCall(method, pathEnd, first);
        return Start(
            time,
            services => services.ConfigureHttpClientDefaults(clients => clients.AddHttpMessageHandler(() => new FirstCallHandler(once))),
            settings);
    }

    private RunningService<SessionTelemetry> Start(
        TimeProvider? time, Action<IServiceCollection>? services, IEnumerable<(string Key, string Value)> settings)
    {
        var configure = services;
        var all = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["services:dbman:http:0"] = Dbman.Address.ToString(),
            ["services:realtime:http:0"] = Realtime.Address.ToString(),

            // The minimum: tests should not spend their time on hashing passwords.
            ["Passwords:Iterations"] = "100000",
            ["AddressLimit:Burst"] = "100000",
            ["LoginThrottle:AddressFailures"] = "100000",
        };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        return RunningService<SessionTelemetry>.Start(all, services =>
        {
            configure?.Invoke(services);
            services.AddSingleton<IUserKeySource>(static provider => provider.GetRequiredService<KeyRing>());
            if (time is not null)
            {
                services.AddSingleton(time);

                // Dbman runs on the real clock, and must accept the tokens.
                services.AddSingleton(static provider => new ServiceTokens(
                    provider.GetRequiredService<IOptions<ServiceKeyOptions>>(), provider.GetRequiredService<IdentityTelemetry>(), TimeProvider.System));
            }
        });
    }

    /// <summary>An id that no other test has.</summary>
    internal string NewTenantId() => $"t{Interlocked.Increment(ref _tenants)}";

    /// <summary>A new tenant with its admin <c>admin</c>.</summary>
    internal async Task<TokenResponse> SignUpAsync(HttpClient? http = null, bool? openRegistration = null)
    {
        var request = new SignUpRequest(NewTenantId(), "A tenant", new RegisterRequest("admin", Password, "The admin"), openRegistration);
        return await TokensAsync(PostAsync(http ?? Http, SessionRoutes.Tenants, request), 201);
    }

    internal Task<HttpResponseMessage> LoginAsync(string tenant, string username, string password = Password, HttpClient? http = null) =>
        PostAsync(http ?? Http, SessionRoutes.Login, new LoginRequest(tenant, username, password));

    internal Task<HttpResponseMessage> RefreshAsync(string token, HttpClient? http = null) =>
        PostAsync(http ?? Http, SessionRoutes.Refresh, new RefreshRequest(token));

    internal static async Task<TokenResponse> TokensAsync(Task<HttpResponseMessage> call, int status = 200) =>
        (await ReadAsync(call, status)).Deserialize(PublicJsonContext.Default.TokenResponse)!;

    internal static Task<HttpResponseMessage> PostAsync<T>(HttpClient http, string path, T body) => SendAsync(http, HttpMethod.Post, path, body);

    internal static async Task<HttpResponseMessage> SendAsync<T>(HttpClient http, HttpMethod method, string path, T body)
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, typeof(T), PublicJsonContext.Default)),
        };
        request.Content.Headers.ContentType = new("application/json");
        return await http.SendAsync(request, Token);
    }

    /// <summary>A call with a token.</summary>
    internal async Task<HttpResponseMessage> CallAsync(HttpMethod method, string path, string accessToken, HttpClient? http = null)
    {
        using var request = new HttpRequestMessage(method, path) { Headers = { Authorization = new("Bearer", accessToken) } };
        return await (http ?? Http).SendAsync(request, Token);
    }

    internal async Task<HttpResponseMessage> CallAsync<T>(HttpMethod method, string path, string accessToken, T body)
    {
        using var client = Session.ClientOf(accessToken);
        return await SendAsync(client, method, path, body);
    }

    internal Task<HttpResponseMessage> MeAsync(string accessToken, HttpClient? http = null) => CallAsync(HttpMethod.Get, SessionRoutes.Me, accessToken, http);

    /// <summary>Moves the database's time for one row: it has no fake clock.</summary>
    internal async Task<int> ExecuteAsync(string sql, params IEnumerable<(string Name, object Value)> parameters)
    {
        await using var connection = new NpgsqlConnection(_database.ConnectionString);
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return await command.ExecuteNonQueryAsync(Token);
    }

    internal async Task<T> QueryAsync<T>(string sql, params IEnumerable<(string Name, object Value)> parameters)
    {
        await using var connection = new NpgsqlConnection(_database.ConnectionString);
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return (T)(await command.ExecuteScalarAsync(Token))!;
    }

    internal static T Ok<T>(ServiceResult<T> result) => result.Value;

    /// <summary>A call that something else comes before, once.</summary>
    private sealed class FirstCall(HttpMethod method, string pathEnd, Func<Task> first)
    {
        private int _met;

        public Task BeforeAsync(HttpRequestMessage request) =>
            request.Method == method
                && request.RequestUri!.AbsolutePath.EndsWith(pathEnd, StringComparison.Ordinal)
                && Interlocked.Exchange(ref _met, 1) == 0
                ? first()
                : Task.CompletedTask;
    }

    private sealed class FirstCallHandler(FirstCall once) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await once.BeforeAsync(request);
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
