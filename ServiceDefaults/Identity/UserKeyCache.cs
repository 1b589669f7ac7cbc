using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace ServiceDefaults.Identity;

/// <summary>
/// The issuer's public keys. The set is an immutable snapshot that a read replaces as a whole; readers take one reference.
/// <list type="bullet">
/// <item>Nothing is read before the first token arrives, so a service starts without its issuer.</item>
/// <item>An old snapshot is renewed in the background; the caller does not wait.</item>
/// <item>An unknown key id (a rotation that this replica has not seen) makes the caller wait for one read, at most once per
/// <see cref="RefreshFloor"/> for all callers together: forged ids cannot drive load onto the issuer.</item>
/// <item>A read that fails changes nothing: known keys serve on for <see cref="MaxAge"/>. An unknown id is then
/// "unavailable", not "invalid": a client must not be logged out because Session is away.</item>
/// </list>
/// </summary>
internal sealed class UserKeyCache(
    IUserKeySource source,
    IdentityTelemetry telemetry,
    TimeProvider time,
    ILogger<UserKeyCache> logger)
{
    /// <summary>Age at which the keys are read again in the background: so long a withdrawn key is trusted while the issuer can be reached.</summary>
    internal static readonly TimeSpan RefreshAge = TimeSpan.FromMinutes(5);

    /// <summary>Least time between two reads, however many unknown key ids come in.</summary>
    internal static readonly TimeSpan RefreshFloor = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long keys stay trusted while the issuer cannot be reached: far longer than any outage of session, and than any token lives.
    /// </summary>
    internal static readonly TimeSpan MaxAge = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();

    // Written by the one read in flight, read by every request.
    private volatile Snapshot? _snapshot;

    // The three below: under _gate.
    private Task? _read;
    private DateTimeOffset _lastAttempt = DateTimeOffset.MinValue;
    private bool _lastFailed;

    /// <summary>The key, or why there is none.</summary>
    public async ValueTask<UserKeyLookup> FindAsync(string keyId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (TryFind(keyId, now, out var key))
        {
            return new UserKeyLookup(key, IssuerReachable: true);
        }

        if (BeginRead(now, out var read))
        {
            await read.WaitAsync(cancellationToken);
        }

        // Also when no read began: one may have ended between the first look and here.
        if (TryFind(keyId, now, out key))
        {
            return new UserKeyLookup(key, IssuerReachable: true);
        }

        lock (_gate)
        {
            return new UserKeyLookup(null, IssuerReachable: !_lastFailed);
        }
    }

    /// <summary>The key by id, from the snapshot alone.</summary>
    public SecurityKey? Peek(string? keyId) =>
        keyId is not null && _snapshot is { } snapshot && snapshot.Keys.TryGetValue(keyId, out var key) ? key : null;

    private bool TryFind(string keyId, DateTimeOffset now, out SecurityKey? key)
    {
        key = null;
        if (_snapshot is not { } snapshot || now - snapshot.ReadAt > MaxAge
            || !snapshot.Keys.TryGetValue(keyId, out var found))
        {
            return false;
        }

        if (now - snapshot.ReadAt > RefreshAge)
        {
            _ = BeginRead(now, out _);
        }

        key = found;
        return true;
    }

    /// <summary>Joins the read in flight, or begins one; false when the last one is too recent.</summary>
    private bool BeginRead(DateTimeOffset now, out Task read)
    {
        lock (_gate)
        {
            if (_read is { IsCompleted: false })
            {
                read = _read;
                return true;
            }

            if (now - _lastAttempt < RefreshFloor)
            {
                read = Task.CompletedTask;
                return false;
            }

            _lastAttempt = now;
            read = _read = Task.Run(() => ReadAsync(now), CancellationToken.None);
            return true;
        }
    }

    /// <summary>Never throws. Not bound to a caller's token: other callers wait for it too. The HTTP client bounds its time.</summary>
    private async Task ReadAsync(DateTimeOffset startedAt)
    {
        var failed = true;
        try
        {
            var keys = await source.ReadAsync(CancellationToken.None);
            var usable = keys.Where(IsUsable).Take(MaxKeys).ToList();
            if (usable.Count == 0)
            {
                // An issuer without keys is broken, not "all keys withdrawn".
                logger.NoUsableKeys();
                return;
            }

            var before = _snapshot?.Keys;
            _snapshot = new Snapshot(
                usable.DistinctBy(static key => key.Kid).ToFrozenDictionary(static key => key.Kid, key => SameOrNew(key, before), StringComparer.Ordinal),
                startedAt);
            failed = false;
        }
        catch (Exception exception)
        {
            logger.KeysUnreadable(exception);
        }
        finally
        {
            telemetry.KeysRead(failed);
            lock (_gate)
            {
                _lastFailed = failed;
            }
        }
    }

    private const int MaxKeys = 32;

    /// <summary>A key that has not changed stays the same object: what was checked with it need not be checked again.</summary>
    private static JsonWebKey SameOrNew(JsonWebKey key, FrozenDictionary<string, JsonWebKey>? before) =>
        before is not null && before.TryGetValue(key.Kid, out var known) && known.X == key.X && known.Y == key.Y ? known : key;

    /// <summary>Only what ES256 needs. A symmetric or RSA key in the set must not widen what is accepted.</summary>
    private static bool IsUsable(JsonWebKey key) =>
        key.Kty == JsonWebAlgorithmsKeyTypes.EllipticCurve
        && key.Crv == JsonWebKeyECTypes.P256
        && !string.IsNullOrEmpty(key.Kid)
        && key.Use is null or "" or JsonWebKeyUseNames.Sig
        && key.Alg is null or "" or SecurityAlgorithms.EcdsaSha256;

    private sealed record Snapshot(FrozenDictionary<string, JsonWebKey> Keys, DateTimeOffset ReadAt);
}

/// <summary>Result of a look-up: without a key, it says whether the issuer does not know the id, or could not be asked.</summary>
internal readonly record struct UserKeyLookup(SecurityKey? Key, bool IssuerReachable);
