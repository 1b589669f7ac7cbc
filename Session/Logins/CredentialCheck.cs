using Contracts;
using Contracts.Dbman;
using Contracts.Results;
using Contracts.Users;
using Microsoft.Extensions.Options;
using Session.Passwords;

namespace Session.Logins;

/// <summary>
/// Checks a user name and password. An observer cannot tell an unknown name from a wrong password: both take the same calls, the same
/// work and the same count, get the same answer, and are locked alike.
/// <para>
/// Order of one attempt: is the name locked? (429) - read the credential - compute the hash - report the outcome, which counts in one
/// statement. Attempts on one name run one after the other on a replica, so a burst of parallel guesses gets at most one guess per replica
/// past the lock.
/// </para>
/// </summary>
internal sealed class CredentialCheck : IDisposable
{
    /// <summary>Two names share a stripe once in 1024: they then wait for each other, which costs time and nothing else.</summary>
    private const int StripeCount = 1_024;

    private readonly DirectoryClient _directory;
    private readonly PasswordHashing _hashing;
    private readonly ThrottleOptions _options;
    private readonly SessionTelemetry _telemetry;
    private readonly ILogger<CredentialCheck> _logger;
    private readonly Stripe[] _stripes;

    public CredentialCheck(
        DbmanClient dbman, PasswordHashing hashing, IOptions<ThrottleOptions> options, SessionTelemetry telemetry, ILogger<CredentialCheck> logger)
    {
        _directory = dbman.Directory;
        _hashing = hashing;
        _options = options.Value;
        _telemetry = telemetry;
        _logger = logger;
        _stripes = [.. Enumerable.Range(0, StripeCount).Select(static _ => new Stripe())];
    }

    /// <summary>
    /// The user. 401 <see cref="ProblemTypes.BadCredentials"/>, 429 <see cref="ProblemTypes.TooManyRequests"/> while locked, or what dbman answered.
    /// </summary>
    public async Task<ServiceResult<UserRecord>> CheckAsync(string tenant, string username, string password, CancellationToken cancellationToken)
    {
        var stripe = _stripes[(uint)HashCode.Combine(tenant, username) % StripeCount];
        if (Interlocked.Increment(ref stripe.Callers) > _options.MaxWaiting + 1)
        {
            Interlocked.Decrement(ref stripe.Callers);
            _telemetry.Login(LoginOutcomes.Crowded);
            return TooMany(TimeSpan.FromSeconds(1));
        }

        try
        {
            await stripe.Turn.WaitAsync(cancellationToken);
            try
            {
                return await CheckInTurnAsync(tenant, username, password, cancellationToken);
            }
            finally
            {
                stripe.Turn.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref stripe.Callers);
        }
    }

    public void Dispose()
    {
        foreach (var stripe in _stripes)
        {
            stripe.Turn.Dispose();
        }
    }

    private async Task<ServiceResult<UserRecord>> CheckInTurnAsync(string tenant, string username, string password, CancellationToken cancellationToken)
    {
        if (!(await _directory.GetLoginAttemptsAsync(tenant, username, cancellationToken)).TryGet(out var attempts, out var problem))
        {
            return Failed(problem);
        }

        if (attempts.LockedForSeconds is > 0 and var left)
        {
            _telemetry.Login(LoginOutcomes.Locked);
            return TooMany(TimeSpan.FromSeconds(left));
        }

        if (!(await _directory.GetCredentialAsync(tenant, username, cancellationToken)).TryGet(out var credential, out problem)
            && problem.Status != StatusCodes.Status404NotFound)
        {
            return Failed(problem);
        }

        if (!(await _hashing.CheckAsync(credential?.PasswordHash, password, cancellationToken)).TryGet(out var verdict, out problem))
        {
            return Failed(problem);
        }

        // From here on the guess has been made: it is counted even when the caller hangs up now.
        return verdict == PasswordVerdict.Wrong
            ? await CountFailureAsync(tenant, username, CancellationToken.None)
            : await AcceptAsync(credential!, attempts, password, renew: verdict == PasswordVerdict.RightButOutdated, cancellationToken);
    }

    private async Task<ServiceResult<UserRecord>> CountFailureAsync(string tenant, string username, CancellationToken cancellationToken)
    {
        var reported = await _directory.RecordLoginAttemptAsync(tenant, username, Attempt(succeeded: false), cancellationToken);
        if (!reported.TryGet(out var attempts, out var problem) && problem.Status != StatusCodes.Status404NotFound)
        {
            // An uncounted guess must not learn its outcome.
            return Failed(problem);
        }

        if (attempts?.LockedForSeconds is > 0 and var left)
        {
            _telemetry.Lockout();
            _logger.NameLocked(tenant, attempts.FailedAttempts, left);
        }

        _telemetry.Login(LoginOutcomes.BadCredentials);
        return new ServiceProblem(
            StatusCodes.Status401Unauthorized, ProblemTypes.BadCredentials, "Bad credentials", "The user name or the password is wrong.");
    }

    private async Task<ServiceResult<UserRecord>> AcceptAsync(
        CredentialRecord credential, LoginAttemptResponse attempts, string password, bool renew, CancellationToken cancellationToken)
    {
        var user = credential.User;
        if (attempts.FailedAttempts > 0
            && (await _directory.RecordLoginAttemptAsync(user.Tenant, user.Username, Attempt(succeeded: true), cancellationToken)).Problem is { } problem)
        {
            return Failed(problem);
        }

        if (renew)
        {
            await RenewHashAsync(user, password, cancellationToken);
        }

        _telemetry.Login(LoginOutcomes.Success);
        return user;
    }

    /// <summary>The login does not depend on it: what fails now is tried again at the next one.</summary>
    private async Task RenewHashAsync(UserRecord user, string password, CancellationToken cancellationToken)
    {
        var hash = await _hashing.HashAsync(password, cancellationToken);
        var stored = hash.IsSuccess
            ? (await _directory.SetPasswordHashAsync(user.Tenant, user.Id, new SetPasswordHashRequest(hash.Value), cancellationToken)).Problem
            : hash.Problem;
        _telemetry.HashRenewed(stored is null);
        if (stored is not null)
        {
            _logger.HashNotRenewed(user.Tenant, user.Id, stored.Type, stored.Detail);
        }
    }

    private LoginAttemptRequest Attempt(bool succeeded) =>
        new(succeeded, _options.LockAfter, (int)_options.FirstLock.TotalSeconds, (int)_options.LongestLock.TotalSeconds);

    private ServiceProblem Failed(ServiceProblem problem)
    {
        _telemetry.Login(LoginOutcomes.Unavailable);
        return problem;
    }

    private static ServiceProblem TooMany(TimeSpan retryAfter) => new(
        StatusCodes.Status429TooManyRequests,
        ProblemTypes.TooManyRequests,
        "Too many requests",
        "There were too many attempts to log in under this name.",
        retryAfter);

    private sealed class Stripe
    {
        public readonly SemaphoreSlim Turn = new(1);

        /// <summary>Callers that hold the turn or wait for it; changed by all of them.</summary>
        public int Callers;
    }
}
