using Contracts;
using Contracts.Dbman;
using Contracts.Public;
using Contracts.Results;
using Contracts.Sessions;
using Contracts.Users;
using Microsoft.Extensions.Options;
using Session.Accounts;
using Session.Keys;
using Session.Revocations;
using Session.Tokens;

namespace Session.Sessions;

/// <summary>Starts sessions and carries them on.</summary>
internal sealed class SessionStarter(
    DbmanClient dbman,
    KeyRing keys,
    AccessTokens accessTokens,
    RevocationNotifier revocations,
    IOptions<SessionLifeOptions> options,
    TimeProvider time,
    SessionTelemetry telemetry,
    ILogger<SessionStarter> logger)
{
    /// <summary>A problem when no session could be started now: asked before anything is stored that a failed start would leave behind.</summary>
    public async ValueTask<ServiceProblem?> CheckReadyAsync(CancellationToken cancellationToken) =>
        (await keys.GetSignerAsync(cancellationToken)).Problem;

    /// <summary>A new session of a user whose password was checked.</summary>
    public async Task<ServiceResult<TokenResponse>> StartAsync(UserRecord user, Caller caller, CancellationToken cancellationToken)
    {
        if (!(await keys.GetSignerAsync(cancellationToken)).TryGet(out var signer, out var problem))
        {
            return problem;
        }

        var refresh = RefreshToken.New();
        var request = new CreateSessionRequest(
            Ids.New(time),
            user.Id,
            refresh.Hash(),
            time.GetUtcNow() + options.Value.Lifetime,
            options.Value.MaxPerUser,
            caller.UserAgent,
            caller.Address);
        if (!(await dbman.Sessions.CreateAsync(user.Tenant, request, cancellationToken)).TryGet(out var session, out problem))
        {
            return problem;
        }

        if (session.Displaced is { Count: > 0 } displaced)
        {
            revocations.Notify(user.Tenant, user.Id, displaced, RevocationReasons.Displaced);
        }

        telemetry.SessionStarted();
        return Answer(user, session.Id, refresh, signer);
    }

    /// <summary>Exchanges a refresh token. 401 <see cref="ProblemTypes.RefreshTokenInvalid"/> or <see cref="ProblemTypes.RefreshTokenReused"/>.</summary>
    public async Task<ServiceResult<TokenResponse>> RefreshAsync(string presented, CancellationToken cancellationToken)
    {
        if (!RefreshToken.TryParse(presented, out var token))
        {
            telemetry.Refresh(nameof(RotateOutcome.Unknown));
            return Invalid();
        }

        if (!(await keys.GetSignerAsync(cancellationToken)).TryGet(out var signer, out var problem))
        {
            telemetry.Refresh("Unavailable");
            return problem;
        }

        var next = RefreshToken.New();
        var request = new RotateRefreshTokenRequest(token.Hash(), next.Hash(), (int)options.Value.RefreshGrace.TotalSeconds);
        if (!(await dbman.Sessions.RotateAsync(request, cancellationToken)).TryGet(out var rotated, out problem))
        {
            telemetry.Refresh("Unavailable");
            return problem;
        }

        telemetry.Refresh(rotated.Outcome.ToString());
        switch (rotated)
        {
            case { Outcome: RotateOutcome.Rotated, Session: { } session, User: { } user }:
                return Answer(user, session.Id, next, signer);

            case { Outcome: RotateOutcome.Reused, Session: { } session }:
                logger.RefreshTokenReused(session.Tenant, session.UserId, session.Id);
                revocations.Notify(session.Tenant, session.UserId, [session.Id], RevocationReasons.Reused);
                return new ServiceProblem(
                    StatusCodes.Status401Unauthorized,
                    ProblemTypes.RefreshTokenReused,
                    "Refresh token reused",
                    "The refresh token had been used before. Its session has been ended, in case somebody else has it; log in again.");

            default:
                return Invalid();
        }
    }

    private TokenResponse Answer(UserRecord user, string sessionId, RefreshToken refresh, SigningKey signer) => new(
        accessTokens.Issue(user, sessionId, signer),
        refresh.Text,
        accessTokens.LifetimeSeconds,
        "Bearer",
        sessionId,
        user.ToInfo(),
        user.Tenant);

    /// <summary>Unknown, expired and revoked are one answer: whoever has a token that does not work learns nothing about its session.</summary>
    private static ServiceProblem Invalid() => new(
        StatusCodes.Status401Unauthorized, ProblemTypes.RefreshTokenInvalid, "Refresh token invalid", "The refresh token is not valid, or no more. Log in again.");
}
