using Contracts.Public;
using Contracts.Results;

namespace Client.Tokens;

/// <summary>
/// The tokens of one signed-in session. Refreshes are single-flight: refresh tokens are good for one exchange, so two callers must never spend the same one.
/// </summary>
internal sealed class SessionTokens(SessionApi api, TimeProvider time) : ITokenSource, IDisposable
{
    /// <summary>Clocks differ, and a token is of use only when it arrives before its end.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(15);

    private readonly SemaphoreSlim _refreshing = new(1, 1);

    // Written under _refreshing and by SignedIn; read anywhere.
    private volatile Held? _held;

    /// <summary>Raised after every refresh, so that an application can keep the new refresh token.</summary>
    public event Action<TokenResponse>? Refreshed;

    public TokenResponse? Current => _held?.Response;

    public void SignedIn(TokenResponse response) =>
        _held = new Held(response, time.GetUtcNow() + TimeSpan.FromSeconds(response.ExpiresIn), Refused: false);

    public void SignedOut() => _held = null;

    public void Invalidate()
    {
        var held = _held;
        if (held is not null)
        {
            Interlocked.CompareExchange(ref _held, held with { Refused = true }, held);
        }
    }

    public async ValueTask<AccessToken> GetAsync(TimeSpan minimumLife, CancellationToken cancellationToken)
    {
        if (Usable(_held, minimumLife) is { } token)
        {
            return token;
        }

        await _refreshing.WaitAsync(cancellationToken);
        try
        {
            var held = _held ?? throw new TokenException("Nobody is signed in.");
            if (Usable(held, minimumLife) is { } refreshed)
            {
                return refreshed;
            }

            var result = await api.RefreshAsync(new RefreshRequest(held.Response.RefreshToken), cancellationToken);
            if (!result.TryGet(out var response, out var problem))
            {
                return StillGood(held, problem);
            }

            SignedIn(response);
            Refreshed?.Invoke(response);
            return new AccessToken(response.AccessToken, _held!.ExpiresAt);
        }
        finally
        {
            _refreshing.Release();
        }
    }

    public void Dispose() => _refreshing.Dispose();

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
    private AccessToken StillGood(Held held, ServiceProblem problem) =>
        problem.IsTransient && !held.Refused && held.ExpiresAt > time.GetUtcNow()
            ? new AccessToken(held.Response.AccessToken, held.ExpiresAt)
            : throw new TokenException(problem.Detail ?? problem.Title, problem);

    private sealed record Held(TokenResponse Response, DateTimeOffset ExpiresAt, bool Refused);
}
