using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Contracts;
using Contracts.Dbman;
using Contracts.Results;
using Contracts.Sessions;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using ServiceDefaults.Identity;
using Session.Sessions;

namespace Session.Keys;

/// <summary>
/// The signing keys as this replica last read them, and the one place that makes new ones. Readers take one immutable snapshot; a reading replaces it
/// as a whole. Only one read runs at a time: concurrent callers wait for it.
/// <para>
/// A replica that cannot reach dbman signs on with what it has. Crash between making and storing a key: the key is lost and was never published.
/// Crash after storing: the key is there for everybody.
/// </para>
/// </summary>
internal sealed class KeyRing(
    DbmanClient dbman,
    KeyProtector protector,
    IOptions<SigningKeyOptions> options,
    IOptions<SessionLifeOptions> tokens,
    TimeProvider time,
    SessionTelemetry telemetry,
    ILogger<KeyRing> logger) : IUserKeySource, IDisposable
{
    /// <summary>A lost race is settled by the next reading; more than two in a row means that something else is wrong.</summary>
    private const int MaxRounds = 3;

    /// <summary>Wait after a reading that failed; callers that come within it get its failure.</summary>
    public static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _reading = new(1);

    // Written by the one reading in flight, read by everybody.
    private volatile KeySnapshot? _snapshot;

    // The same for how the last reading ended.
    private volatile ServiceProblem? _lastProblem;

    // Written and read by the one reading in flight: while dbman is away, callers that queue up must not each wait out a timeout.
    private (DateTimeOffset At, ServiceProblem Problem)? _failure;

    /// <summary>Why the last reading failed; null when it did not.</summary>
    public ServiceProblem? LastProblem => _lastProblem;

    /// <summary>The snapshot, read again when it is older than <see cref="SigningKeyOptions.Freshness"/>; an older one when dbman cannot be reached.</summary>
    public async ValueTask<ServiceResult<KeySnapshot>> GetFreshAsync(CancellationToken cancellationToken)
    {
        if (_snapshot is { } snapshot && IsFresh(snapshot))
        {
            return snapshot;
        }

        var problem = await RefreshAsync(IsFresh, cancellationToken);
        return _snapshot is { } current ? current : problem ?? NoKey();
    }

    /// <summary>The key that signs now.</summary>
    public async ValueTask<ServiceResult<SigningKey>> GetSignerAsync(CancellationToken cancellationToken)
    {
        if (_snapshot?.Signer(time.GetUtcNow()) is { } known)
        {
            return known;
        }

        var problem = await RefreshAsync(snapshot => snapshot.Signer(time.GetUtcNow()) is not null, cancellationToken);
        return _snapshot?.Signer(time.GetUtcNow()) is { } signer ? signer : problem ?? NoKey();
    }

    /// <summary>Reads the stored keys and adds one when it is due. The problem, if there was one.</summary>
    public Task<ServiceProblem?> RefreshAsync(CancellationToken cancellationToken) => RefreshAsync(isEnough: null, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyCollection<JsonWebKey>> ReadAsync(CancellationToken cancellationToken)
    {
        var result = await GetFreshAsync(cancellationToken);
        return result.IsSuccess
            ? [.. result.Value.Keys.Select(static key => new JsonWebKey(key.Jwk.ToString()))]
            : throw new InvalidOperationException($"No signing keys: {result.Problem.Type} {result.Problem.Detail}");
    }

    public void Dispose() => _reading.Dispose();

    private bool IsFresh(KeySnapshot snapshot) => time.GetUtcNow() - snapshot.ReadAt < options.Value.Freshness;

    /// <param name="isEnough">Whether the snapshot, or the failure, that another caller's reading left meanwhile will do; null: nothing but a reading of its own.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    private async Task<ServiceProblem?> RefreshAsync(Func<KeySnapshot, bool>? isEnough, CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            if (isEnough is not null && _snapshot is { } snapshot && isEnough(snapshot))
            {
                return null;
            }

            if (isEnough is not null && _failure is { } failure && time.GetUtcNow() - failure.At < RetryInterval)
            {
                return failure.Problem;
            }

            var problem = await ReadAndRotateAsync(cancellationToken);
            _failure = problem is null ? null : (time.GetUtcNow(), problem);
            _lastProblem = problem;
            telemetry.KeysRead(problem is null);
            if (problem is not null)
            {
                logger.KeysNotRead(problem.Type, problem.Detail);
            }

            return problem;
        }
        finally
        {
            _reading.Release();
        }
    }

    private async Task<ServiceProblem?> ReadAndRotateAsync(CancellationToken cancellationToken)
    {
        for (var round = 0; ; round++)
        {
            if (!(await dbman.Sessions.ListKeysAsync(cancellationToken)).TryGet(out var stored, out var problem))
            {
                return problem;
            }

            _snapshot = Read(stored.Keys);
            var usable = _snapshot.Keys.Where(static key => key.Credentials is not null).Select(static key => key.Kid).ToHashSet(StringComparer.Ordinal);
            var plan = KeySchedule.Plan(
                stored.Keys.Select(key => (key, usable.Contains(key.Kid))), time.GetUtcNow(), tokens.Value.AccessTokenLifetime, options.Value);
            if (plan is null || round == MaxRounds)
            {
                return null;
            }

            var key = SigningKey.Create(plan, protector, time);
            problem = (await dbman.Sessions.AddKeyAsync(new AddSigningKeyRequest(key, plan.UnlessSignsUntil), cancellationToken)).Problem;
            telemetry.KeyAdded(problem);
            switch (problem)
            {
                case null:
                    logger.KeyAdded(key.Kid, key.NotBefore, key.SignsUntil, key.PublishedUntil);
                    break;
                case { Status: StatusCodes.Status409Conflict }:
                    logger.KeyAddedByAnother();
                    break;
                default:
                    return problem;
            }
        }
    }

    private KeySnapshot Read(IReadOnlyList<SigningKeyRecord> stored)
    {
        var now = time.GetUtcNow();
        var known = _snapshot?.Keys.ToDictionary(static key => key.Kid, StringComparer.Ordinal) ?? [];
        var keys = ImmutableArray.CreateBuilder<SigningKey>();
        foreach (var record in stored.Where(record => record.PublishedUntil > now))
        {
            if (known.TryGetValue(record.Kid, out var key) && key.Record == record)
            {
                keys.Add(key);
                continue;
            }

            key = SigningKey.Read(record, protector);
            if (key is null)
            {
                telemetry.KeyUnusable();
                logger.KeyMalformed(record.Kid);
                continue;
            }

            if (key.Credentials is null)
            {
                telemetry.KeyUnusable();
                logger.KeyNotDecrypted(record.Kid, ProtectionSecrets.ConnectionName);
            }

            keys.Add(key);
        }

        keys.Sort(static (left, right) => right.Record.NotBefore.CompareTo(left.Record.NotBefore));
        return KeySnapshot.Of(keys.ToImmutable(), now);
    }

    private static ServiceProblem NoKey() => new(
        StatusCodes.Status503ServiceUnavailable, ProblemTypes.DependencyUnavailable, "No signing key", "There is no key to sign tokens with.", TimeSpan.FromSeconds(1));
}

/// <summary>Keys at one time, newest first, with their JWKS ready to be sent.</summary>
internal sealed record KeySnapshot(ImmutableArray<SigningKey> Keys, DateTimeOffset ReadAt, byte[] Jwks, string ETag)
{
    public static KeySnapshot Of(ImmutableArray<SigningKey> keys, DateTimeOffset readAt)
    {
        var jwks = JsonSerializer.SerializeToUtf8Bytes(new PublicJwks([.. keys.Select(static key => key.Jwk)]), KeysJsonContext.Default.PublicJwks);
        return new KeySnapshot(keys, readAt, jwks, $"\"{Convert.ToHexStringLower(SHA256.HashData(jwks).AsSpan(0, 12))}\"");
    }

    /// <summary>
    /// The newest key that may sign now. Where another replica's clock is ahead and its first key lies in our future, that key: any signature is
    /// better than none.
    /// </summary>
    public SigningKey? Signer(DateTimeOffset now)
    {
        var alive = Keys.Where(key => key.Credentials is not null && now < key.Record.SignsUntil);
        return alive.FirstOrDefault(key => key.Record.NotBefore <= now) ?? alive.LastOrDefault();
    }
}
