using Contracts;
using Contracts.Dbman;
using Contracts.Public;
using Contracts.Results;
using Contracts.Sessions;
using Contracts.Users;
using Microsoft.Extensions.Options;
using Session.Accounts;
using Session.Keys;
using Session.Logins;
using Session.Revocations;
using Session.Tokens;

namespace Session.Sessions;

/// <summary>Starts sessions and carries them on.</summary>
internal sealed class SessionStarter(
    DbmanClient dbman,
    KeyRing keys,
    AccessTokens accessTokens,
    DeviceTokens devices,
    RevocationNotifier revocations,
    IOptions<SessionLifeOptions> options,
    TimeProvider time,
    SessionTelemetry telemetry,
    ILogger<SessionStarter> logger)
{
    /// <summary>
    /// A refresh token that was exchanged this long ago at most, and whose successor was never used, may be sent again: the answer was lost on its way.
    /// Every other second use is taken for theft.
    /// </summary>
    private static readonly TimeSpan RefreshGrace = TimeSpan.FromSeconds(30);

    /// <summary>A problem when no session could be started now: asked before anything is stored that a failed start would leave behind.</summary>
    public async ValueTask<ServiceProblem?> CheckReadyAsync(CancellationToken cancellationToken) =>
        (await keys.GetSignerAsync(cancellationToken)).Problem;

    /// <summary>
    /// A new session of a user whose password was checked. 401 <see cref="ProblemTypes.BadCredentials"/> when the password was changed, or the user was removed, since.
    /// </summary>
    public async Task<ServiceResult<TokenResponse>> StartAsync(CheckedUser login, Caller caller, CancellationToken cancellationToken)
    {
        if (await CheckReadyAsync(cancellationToken) is { } notReady)
        {
            return notReady;
        }

        var user = login.User;
        var refresh = RefreshToken.New();
        var request = new CreateSessionRequest(
            Ids.New(time),
            user.Id,
            refresh.Hash(),
            time.GetUtcNow() + options.Value.Lifetime,
            options.Value.MaxPerUser,
            caller.UserAgent,
            caller.Address,
            login.Generation);
        if (!(await dbman.Sessions.CreateAsync(user.Tenant, request, cancellationToken)).TryGet(out var session, out var problem))
        {
            return problem.Type is ProblemTypes.CredentialChanged or ProblemTypes.UserNotFound ? CredentialCheck.BadCredentials() : problem;
        }

        if (session.Displaced is { Count: > 0 } displaced)
        {
            revocations.Notify(user.Tenant, user.Id, displaced, RevocationReasons.Displaced);
        }

        telemetry.SessionStarted();
        return (await AnswerAsync(user, session.Id, refresh, cancellationToken)).TryGet(out var answer, out problem)
            ? answer with { Device = devices.Issue(user, caller.Device) }
            : problem;
    }

    /// <summary>Exchanges a refresh token. 401 <see cref="ProblemTypes.RefreshTokenInvalid"/> or <see cref="ProblemTypes.RefreshTokenReused"/>.</summary>
    public async Task<ServiceResult<TokenResponse>> RefreshAsync(string presented, CancellationToken cancellationToken)
    {
        if (!RefreshToken.TryParse(presented, out var token))
        {
            telemetry.Refresh(nameof(RotateOutcome.Unknown));
            return Invalid();
        }

        if (await CheckReadyAsync(cancellationToken) is { } notReady)
        {
            telemetry.Refresh("Unavailable");
            return notReady;
        }

        var next = RefreshToken.New();
        var request = new RotateRefreshTokenRequest(token.Hash(), next.Hash(), (int)RefreshGrace.TotalSeconds, token.Seal(next));
        if (!(await dbman.Sessions.RotateAsync(request, cancellationToken)).TryGet(out var rotated, out var problem))
        {
            telemetry.Refresh("Unavailable");
            return problem;
        }

        telemetry.Refresh(rotated.Outcome.ToString());
        switch (rotated)
        {
            case { Outcome: RotateOutcome.Rotated, SealedSuccessor: null, Session: { } session, User: { } user }:
                return await AnswerAsync(user, session.Id, next, cancellationToken);

            case { Outcome: RotateOutcome.Rotated, SealedSuccessor: { } text, Session: { } session, User: { } user }:
                if (token.Unseal(text) is { } given)
                {
                    return await AnswerAsync(user, session.Id, given, cancellationToken);
                }

                logger.SuccessorNotUnsealed(session.Tenant, session.UserId, session.Id);
                return Invalid();

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

    /// <summary>
    /// Signs with the key of this moment, not of the one before the call to dbman: that may have taken long, and a key that stopped signing meanwhile would be withdrawn before the
    /// token ends.
    /// </summary>
    private async ValueTask<ServiceResult<TokenResponse>> AnswerAsync(
        UserRecord user, string sessionId, RefreshToken refresh, CancellationToken cancellationToken)
    {
        if (!(await keys.GetSignerAsync(cancellationToken)).TryGet(out var signer, out var problem))
        {
            return problem;
        }

        return new TokenResponse(
            accessTokens.Issue(user, sessionId, signer),
            refresh.Text,
            accessTokens.LifetimeSeconds,
            "Bearer",
            sessionId,
            user.ToInfo(),
            user.Tenant);
    }

    /// <summary>Unknown, expired and revoked are one answer: the holder of an invalid token learns nothing about its session.</summary>
    private static ServiceProblem Invalid() => new(
        StatusCodes.Status401Unauthorized, ProblemTypes.RefreshTokenInvalid, "Refresh token invalid", "The refresh token is not valid, or no more. Log in again.");
}
