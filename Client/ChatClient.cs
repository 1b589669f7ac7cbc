using Client.Realtime;
using Client.Tokens;
using Contracts.Public;
using Contracts.Publish;
using Contracts.Results;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Client;

/// <summary>
/// The way into the system for one user: sign in, then use <see cref="Rooms"/>, <see cref="Messages"/>, <see cref="Files"/> and <see cref="ConnectAsync"/>. Tokens renew themselves.
/// Thread-safe. Calls return the problem that a service answered with and throw only on cancellation.
/// </summary>
public sealed class ChatClient : IAsyncDisposable
{
    private readonly ChatClientOptions _options;
    private readonly HttpMessageHandler _handler;
    private readonly HttpClient _anonymous;
    private readonly HttpClient _session;
    private readonly HttpClient _chat;
    private readonly HttpClient _fileman;
    private readonly HttpClient _uploads;
    private readonly HttpMessageInvoker _sockets;
    private readonly SessionApi _signIn;
    private readonly SessionTokens _tokens;
    private readonly ILogger _logger;

    /// <summary>A client on which nobody is signed in.</summary>
    public ChatClient(ChatClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _logger = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger("Client");

        // New replicas must get traffic from clients that live long.
        _handler = options.Handler ?? new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2) };
        _anonymous = Http(options.Session, _handler);
        _signIn = new SessionApi(_anonymous);
        _tokens = new SessionTokens(_signIn, options.Time);
        _session = Http(options.Session, Authorized());
        _chat = Http(options.Chat, Authorized());
        _fileman = Http(options.Fileman, Authorized());
        _uploads = Http(options.Fileman, Authorized());
        _uploads.Timeout = Timeout.InfiniteTimeSpan;
        _sockets = new HttpMessageInvoker(_handler, disposeHandler: false);
        Account = new AccountApi(_session, _tokens);
        Rooms = new RoomsApi(_chat);
        Messages = new MessagesApi(_chat);
        Files = new FilesApi(_fileman, _uploads);
    }

    /// <summary>Raised when the tokens were renewed. The refresh token that an application keeps is worth nothing once it was exchanged: keep this one.</summary>
    public event Action<TokenResponse>? TokensRenewed
    {
        add => _tokens.Refreshed += value;
        remove => _tokens.Refreshed -= value;
    }

    /// <summary>The signed-in user, with the newest tokens; null when nobody is signed in.</summary>
    public TokenResponse? SignedIn => _tokens.Current;

    /// <summary>The signed-in user's account and sessions.</summary>
    public AccountApi Account { get; }

    /// <summary>Rooms and members.</summary>
    public RoomsApi Rooms { get; }

    /// <summary>Posting, history, read markers.</summary>
    public MessagesApi Messages { get; }

    /// <summary>Uploads and downloads.</summary>
    public FilesApi Files { get; }

    /// <summary>Creates a tenant and signs its admin in.</summary>
    public Task<ServiceResult<TokenResponse>> SignUpAsync(SignUpRequest request, CancellationToken cancellationToken = default) =>
        SignInAsync(_signIn.SignUpAsync(request, cancellationToken));

    /// <summary>Creates a user and signs it in.</summary>
    public Task<ServiceResult<TokenResponse>> RegisterAsync(string tenant, RegisterRequest request, CancellationToken cancellationToken = default) =>
        SignInAsync(_signIn.RegisterAsync(tenant, request, cancellationToken));

    /// <summary>Signs a user in.</summary>
    public Task<ServiceResult<TokenResponse>> LoginAsync(LoginRequest request, CancellationToken cancellationToken = default) =>
        SignInAsync(_signIn.LoginAsync(request, cancellationToken));

    /// <summary>Goes on with a session whose refresh token was kept.</summary>
    public Task<ServiceResult<TokenResponse>> ResumeAsync(string refreshToken, CancellationToken cancellationToken = default) =>
        SignInAsync(_signIn.RefreshAsync(new RefreshRequest(refreshToken), cancellationToken));

    /// <summary>Opens a live connection and waits until the server has welcomed it. It then reconnects automatically until it is disposed.</summary>
    /// <exception cref="RealtimeException">The server refuses this client for good.</exception>
    public async Task<RealtimeConnection> ConnectAsync(CancellationToken cancellationToken = default)
    {
        var uri = new UriBuilder(new Uri(_options.Realtime, RealtimeRoutes.WebSocket));
        uri.Scheme = uri.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs;
        var connection = new RealtimeConnection(uri.Uri, _sockets, _tokens, Messages, _options.Live, _options.Time, _logger);
        try
        {
            await connection.StartAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Closes pooled connections. Live connections are the caller's to dispose, first.</summary>
    public ValueTask DisposeAsync()
    {
        _anonymous.Dispose();
        _session.Dispose();
        _chat.Dispose();
        _fileman.Dispose();
        _uploads.Dispose();
        _sockets.Dispose();
        _tokens.Dispose();
        if (_options.Handler is null)
        {
            _handler.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private TokenHandler Authorized() => new(_tokens) { InnerHandler = _handler };

    private HttpClient Http(Uri address, HttpMessageHandler handler) =>
        new(handler, disposeHandler: false) { BaseAddress = address, Timeout = _options.RequestTimeout };

    private async Task<ServiceResult<TokenResponse>> SignInAsync(Task<ServiceResult<TokenResponse>> call)
    {
        var result = await call;
        if (result.TryGet(out var response, out _))
        {
            _tokens.SignedIn(response);
        }

        return result;
    }
}
