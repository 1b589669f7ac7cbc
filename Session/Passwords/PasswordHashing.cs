using System.Diagnostics;
using System.Security.Cryptography;
using Contracts;
using Contracts.Results;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Session.Passwords;

/// <summary>Hashes and checks passwords, off the request's thread, never more at once than the machine can handle, and in a fair order.</summary>
internal sealed class PasswordHashing
{
    private static readonly Account Anybody = new();

    private readonly PasswordHasher<Account> _hasher;
    private readonly FairTurns _turns;
    private readonly SessionTelemetry _telemetry;

    /// <summary>
    /// A hash that no password has. Checking against it takes as long as against a real one. Created at the start: timing must not reveal it to the
    /// first caller either.
    /// </summary>
    private readonly string _nobodysHash;

    public PasswordHashing(IOptions<PasswordOptions> options, SessionTelemetry telemetry)
    {
        _hasher = new PasswordHasher<Account>(Options.Create(new PasswordHasherOptions { IterationCount = options.Value.Iterations }));
        _turns = new FairTurns(options.Value.MaxConcurrent, options.Value.MaxWaiting, options.Value.MaxWaitingPerAddress);
        _telemetry = telemetry;
        _nobodysHash = _hasher.HashPassword(Anybody, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        telemetry.ObservePasswordCallers(() => _turns.Callers);
    }

    /// <summary>A new hash; 503 <see cref="ProblemTypes.Overloaded"/> when too many wait.</summary>
    public Task<ServiceResult<string>> HashAsync(string password, HashingLane lane, CancellationToken cancellationToken) =>
        RunAsync(() => _hasher.HashPassword(Anybody, PasswordRules.Prepare(password)), lane, cancellationToken);

    /// <summary>
    /// Whether the password has this hash; without a hash, the same work and "no". It is tried as prepared, and where that makes a difference also as
    /// it was sent: older hashes are of that form.
    /// </summary>
    public Task<ServiceResult<PasswordVerdict>> CheckAsync(string? hash, string password, HashingLane lane, CancellationToken cancellationToken) =>
        RunAsync(() => Check(hash, password), lane, cancellationToken);

    private PasswordVerdict Check(string? hash, string password)
    {
        var prepared = PasswordRules.Prepare(password);
        var result = _hasher.VerifyHashedPassword(Anybody, hash ?? _nobodysHash, prepared);
        if (result == PasswordVerificationResult.Failed && prepared != password)
        {
            // The hash is renewed in any case, so that the prepared form matches next time.
            result = _hasher.VerifyHashedPassword(Anybody, hash ?? _nobodysHash, password) == PasswordVerificationResult.Failed
                ? PasswordVerificationResult.Failed
                : PasswordVerificationResult.SuccessRehashNeeded;
        }

        return (hash, result) switch
        {
            (null, _) or (_, PasswordVerificationResult.Failed) => PasswordVerdict.Wrong,
            (_, PasswordVerificationResult.SuccessRehashNeeded) => PasswordVerdict.RightButOutdated,
            _ => PasswordVerdict.Right,
        };
    }

    private async Task<ServiceResult<T>> RunAsync<T>(Func<T> work, HashingLane lane, CancellationToken cancellationToken)
    {
        var outcome = await _turns.EnterAsync(lane, cancellationToken);
        if (outcome != TurnOutcome.Taken)
        {
            _telemetry.PasswordRefused(outcome);
            return outcome == TurnOutcome.AddressCrowded
                ? new ServiceProblem(
                    StatusCodes.Status429TooManyRequests,
                    ProblemTypes.TooManyRequests,
                    "Too many requests",
                    "Too many passwords of this address are being checked.",
                    TimeSpan.FromSeconds(1))
                : new ServiceProblem(
                    StatusCodes.Status503ServiceUnavailable, ProblemTypes.Overloaded, "Overloaded", "Too many passwords are being checked.", TimeSpan.FromSeconds(1));
        }

        try
        {
            var started = Stopwatch.GetTimestamp();
            var value = await Task.Run(work, cancellationToken);
            _telemetry.PasswordWork(Stopwatch.GetElapsedTime(started));
            return value;
        }
        finally
        {
            _turns.Leave();
        }
    }

    /// <summary>The library hashes a password of "a user" and never looks at it.</summary>
    private sealed class Account;
}

/// <summary>What a check found.</summary>
internal enum PasswordVerdict
{
    /// <summary>Another password, or no user.</summary>
    Wrong,

    /// <summary>The password.</summary>
    Right,

    /// <summary>The password; its hash is weaker than the present options ask for, or of a form that was not prepared.</summary>
    RightButOutdated,
}
