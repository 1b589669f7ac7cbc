using Contracts;
using Contracts.Dbman;
using Contracts.Results;
using Contracts.Users;
using Microsoft.Extensions.Options;
using Session.Passwords;
using Session.Throttling;

namespace Session.Logins;

/// <summary>
/// Checks a user name and password. An observer cannot tell an unknown name from a wrong password: both take the same calls, the same
/// work and the same count, get the same answer, and are locked alike.
/// <para>
/// Order of one attempt: has its address failed too often? is its source locked out of the name? (429) - read the credential - compute the hash - report the outcome, which counts in one
/// statement. Attempts of one source on one name run one after the other on a replica, so a burst of parallel guesses gets at most one guess per replica past the lock.
/// </para>
/// <para>
/// Failures count against their source. A stranger locks out its own address, not the user: a device that was signed in before has a count of its
/// own, and so has a session that changes its password. All unknown addresses together have one, too, with a bound that one address does not reach,
/// so that many of them cannot guess without end.
/// </para>
/// </summary>
internal sealed class CredentialCheck : IDisposable
{
    /// <summary>Two sources share a stripe once in 1024: they then wait for each other, which costs time and nothing else.</summary>
    private const int StripeCount = 1_024;

    /// <summary>The count of all unknown addresses begins again when its first failure is older than this.</summary>
    private static readonly TimeSpan NameWindow = TimeSpan.FromHours(1);

    private readonly DirectoryClient _directory;
    private readonly PasswordHashing _hashing;
    private readonly FailureLimiter _failures;
    private readonly ThrottleOptions _options;
    private readonly SessionTelemetry _telemetry;
    private readonly ILogger<CredentialCheck> _logger;
    private readonly Stripe[] _stripes;

    public CredentialCheck(
        DbmanClient dbman,
        PasswordHashing hashing,
        FailureLimiter failures,
        IOptions<ThrottleOptions> options,
        SessionTelemetry telemetry,
        ILogger<CredentialCheck> logger)
    {
        _directory = dbman.Directory;
        _hashing = hashing;
        _failures = failures;
        _options = options.Value;
        _telemetry = telemetry;
        _logger = logger;
        _stripes = [.. Enumerable.Range(0, StripeCount).Select(static _ => new Stripe())];
    }

    /// <summary>
    /// The user, with the generation of the credential that was checked. 401 <see cref="ProblemTypes.BadCredentials"/>, 429 <see cref="ProblemTypes.TooManyRequests"/> while locked, or what
    /// dbman answered.
    /// </summary>
    public async Task<ServiceResult<CheckedUser>> CheckAsync(
        string tenant, string username, string password, LoginSource source, CancellationToken cancellationToken)
    {
        var stripe = _stripes[(uint)HashCode.Combine(tenant, username, source.Key) % StripeCount];
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
                return await CheckForAddressAsync(tenant, username, password, source, cancellationToken);
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

    /// <summary>One answer for an unknown name, a wrong password, and a password that was changed while it was being checked.</summary>
    public static ServiceProblem BadCredentials() => new(
        StatusCodes.Status401Unauthorized, ProblemTypes.BadCredentials, "Bad credentials", "The user name or the password is wrong.");

    public void Dispose()
    {
        foreach (var stripe in _stripes)
        {
            stripe.Turn.Dispose();
        }
    }

    /// <summary>Takes a failure of the address's allowance, and gives it back unless it was one.</summary>
    private async Task<ServiceResult<CheckedUser>> CheckForAddressAsync(
        string tenant, string username, string password, LoginSource source, CancellationToken cancellationToken)
    {
        if (source.IsKnown)
        {
            return await CheckInTurnAsync(tenant, username, password, source, cancellationToken);
        }

        if (_failures.Take(source.Address) is { } wait)
        {
            _telemetry.Login(LoginOutcomes.AddressHeld);
            return TooMany(wait);
        }

        var failed = false;
        try
        {
            var result = await CheckInTurnAsync(tenant, username, password, source, cancellationToken);
            failed = result.Problem?.Type == ProblemTypes.BadCredentials;
            return result;
        }
        finally
        {
            if (!failed)
            {
                _failures.Return(source.Address);
            }
        }
    }

    private async Task<ServiceResult<CheckedUser>> CheckInTurnAsync(
        string tenant, string username, string password, LoginSource source, CancellationToken cancellationToken)
    {
        var throttles = Throttles(source);
        if (!(await _directory.GetLoginAttemptsAsync(tenant, username, throttles.Select(static throttle => throttle.Source), cancellationToken))
            .TryGet(out var attempts, out var problem))
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

        if (source.Owner is { } owner && (credential is null || DeviceTokens.OwnerOf(credential.User) != owner))
        {
            // It belongs to a removed user, unrelated to the one who has the name now.
            return await CheckForAddressAsync(tenant, username, password, source.WithoutDevice(), cancellationToken);
        }

        var lane = new HashingLane(attempts.TenantExists ? tenant : "", source.Address);
        if (!(await _hashing.CheckAsync(credential?.PasswordHash, password, lane, cancellationToken)).TryGet(out var verdict, out problem))
        {
            return Failed(problem);
        }

        // From here on the guess has been made: it is counted even when the caller hangs up now.
        return verdict == PasswordVerdict.Wrong
            ? await CountFailureAsync(tenant, username, throttles, CancellationToken.None)
            : await AcceptAsync(
                credential!, attempts, throttles, verdict == PasswordVerdict.RightButOutdated ? (password, lane) : null, cancellationToken);
    }

    private async Task<ServiceResult<CheckedUser>> CountFailureAsync(
        string tenant, string username, LoginThrottle[] throttles, CancellationToken cancellationToken)
    {
        var reported = await _directory.RecordLoginAttemptAsync(tenant, username, new LoginAttemptRequest(Succeeded: false, throttles), cancellationToken);
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
        return BadCredentials();
    }

    private async Task<ServiceResult<CheckedUser>> AcceptAsync(
        CredentialRecord credential,
        LoginAttemptResponse attempts,
        LoginThrottle[] throttles,
        (string Password, HashingLane Lane)? renewal,
        CancellationToken cancellationToken)
    {
        var user = credential.User;
        if (attempts.FailedAttempts > 0
            && (await _directory.RecordLoginAttemptAsync(
                user.Tenant, user.Username, new LoginAttemptRequest(Succeeded: true, throttles), cancellationToken)).Problem is { } problem)
        {
            return Failed(problem);
        }

        if (renewal is { } weak)
        {
            await RenewHashAsync(credential, weak.Password, weak.Lane, cancellationToken);
        }

        _telemetry.Login(LoginOutcomes.Success);
        return new CheckedUser(user, credential.Generation);
    }

    /// <summary>The login does not depend on it: what fails now is tried again at the next one.</summary>
    private async Task RenewHashAsync(CredentialRecord credential, string password, HashingLane lane, CancellationToken cancellationToken)
    {
        var user = credential.User;
        var hash = await _hashing.HashAsync(password, lane, cancellationToken);
        var stored = hash.IsSuccess
            ? (await _directory.RenewPasswordHashAsync(
                user.Tenant, user.Id, new RenewPasswordHashRequest(hash.Value, credential.PasswordHash), cancellationToken)).Problem
            : hash.Problem;
        _telemetry.HashRenewed(stored is null);
        if (stored is not null)
        {
            _logger.HashNotRenewed(user.Tenant, user.Id, stored.Type, stored.Detail);
        }
    }

    private LoginThrottle[] Throttles(LoginSource source)
    {
        var (first, longest) = ((int)_options.FirstLock.TotalSeconds, (int)_options.LongestLock.TotalSeconds);
        var own = new LoginThrottle(source.Key, _options.LockAfter, first, longest);
        return source.IsKnown
            ? [own]
            : [own, new LoginThrottle(LoginSource.Unknown, _options.NameLockAfter, first, longest, (int)NameWindow.TotalSeconds)];
    }

    private ServiceProblem Failed(ServiceProblem problem)
    {
        _telemetry.Login(LoginOutcomes.Unavailable);
        return problem;
    }

    private static ServiceProblem TooMany(TimeSpan retryAfter) => new(
        StatusCodes.Status429TooManyRequests,
        ProblemTypes.TooManyRequests,
        "Too many requests",
        "There were too many attempts to log in, under this name or from this address.",
        retryAfter);

    private sealed class Stripe
    {
        public readonly SemaphoreSlim Turn = new(1);

        /// <summary>Callers that hold the turn or wait for it; changed by all of them.</summary>
        public int Callers;
    }
}
