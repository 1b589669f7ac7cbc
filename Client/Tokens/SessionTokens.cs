using Contracts.Public;
using Contracts.Results;

namespace Client.Tokens;

/// <summary>
/// The tokens of one signed-in session. A refresh token is good for one exchange, so there is one exchange at a time, which every caller waits for. It belongs to none of
/// them: a caller that gives up does not tear away an answer that holds the only refresh token which is still worth something.
/// </summary>
internal sealed class SessionTokens(SessionApi api, TimeProvider time) : ITokenSource, IDisposable
{
    /// <summary>Clocks differ, and a token is of use only when it arrives before its end.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();

    // Written under _lock; read anywhere.
    private volatile Held? _held;

    // Under _lock: the exchange in flight.
    private Task<ServiceProblem?>? _refreshing;

    /// <summary>Raised after every refresh, so that an application can keep the new refresh token.</summary>
    public event Action<TokenResponse>? Refreshed;

    public TokenResponse? Current => _held?.Response;

    public void SignedIn(TokenResponse response)
    {
        lock (_lock)
        {
            _held = Hold(response);
        }
    }

    public void SignedOut()
    {
        lock (_lock)
        {
            _held = null;
        }
    }

    public void Invalidate(string refused)
    {
        lock (_lock)
        {
            if (_held is { } held && held.Response.AccessToken == refused)
            {
                _held = held with { Refused = true };
            }
        }
    }

    public async ValueTask<AccessToken> GetAsync(TimeSpan minimumLife, CancellationToken cancellationToken)
    {
        if (Usable(_held, minimumLife) is { } token)
        {
            return token;
        }

        Task<ServiceProblem?> refreshing;
        lock (_lock)
        {
            var held = _held ?? throw new TokenException("Nobody is signed in.");
            if (Usable(held, minimumLife) is { } fresh)
            {
                return fresh;
            }

            refreshing = _refreshing ??= Task.Run(() => RefreshAsync(held), CancellationToken.None);
        }

        var problem = await refreshing.WaitAsync(cancellationToken);
        return Usable(_held, TimeSpan.Zero) ?? StillGood(_held, problem);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task<ServiceProblem?> RefreshAsync(Held held)
    {
        try
        {
            var result = await api.RefreshAsync(new RefreshRequest(held.Response.RefreshToken), _stop.Token);
            if (!result.TryGet(out var response, out var problem))
            {
                return problem;
            }

            lock (_lock)
            {
                // Signed in or out meanwhile: that is newer than what we requested.
                if (_held?.Response != held.Response)
                {
                    return null;
                }

                _held = Hold(response);
            }

            Refreshed?.Invoke(response);
            return null;
        }
        finally
        {
            lock (_lock)
            {
                _refreshing = null;
            }
        }
    }

    private Held Hold(TokenResponse response) => new(response, time.GetUtcNow() + TimeSpan.FromSeconds(response.ExpiresIn), Refused: false);

    private AccessToken? Usable(Held? held, TimeSpan minimumLife)
    {
        if (held is null || held.Refused)
        {
            return null;
        }

        // A token may live shorter than the caller would like; half its life must do then, or every call would refresh.
        var life = TimeSpan.FromSeconds(held.Response.ExpiresIn);
        var wanted = minimumLife + Skew < life / 2 ? minimumLife + Skew : life / 2;
        return held.ExpiresAt - time.GetUtcNow() >= wanted ? new AccessToken(held.Response.AccessToken, held.ExpiresAt) : null;
    }

    /// <summary>The session service is away: the old token serves as long as it lasts.</summary>
    private AccessToken StillGood(Held? held, ServiceProblem? problem) =>
        held is { Refused: false } && problem?.IsTransient != false && held.ExpiresAt > time.GetUtcNow()
            ? new AccessToken(held.Response.AccessToken, held.ExpiresAt)
            : throw new TokenException(problem?.Detail ?? problem?.Title ?? "Nobody is signed in.", problem);

    private sealed record Held(TokenResponse Response, DateTimeOffset ExpiresAt, bool Refused);
}
