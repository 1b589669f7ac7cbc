using System.Collections.Concurrent;
using Contracts.Sessions;
using Microsoft.Extensions.Options;

namespace ServiceDefaults.Identity.Revocations;

/// <summary>
/// Sessions that were ended, for as long as a token of theirs could still be valid. Every token check looks here; readers take no lock.
/// <para>
/// It has two writers: the first to learn of a revocation (session itself, and realtime's nodes by the control channel), and
/// <see cref="RevocationFeed"/>, which asks dbman and so catches what was missed. A repeated revocation changes nothing.
/// </para>
/// </summary>
public sealed class RevokedSessions
{
    private readonly ConcurrentDictionary<(string Tenant, string Session), byte> _sessions = new();
    private readonly Lock _gate = new();

    // Under the gate: the order in which they were added, which is also the order of eviction.
    private readonly Queue<((string Tenant, string Session) Key, DateTimeOffset Until)> _order = new();
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly UserTokenOptions _options;
    private readonly IdentityTelemetry _telemetry;
    private readonly TimeProvider _time;

    // When dbman last answered. Written by the feed, read by the health check.
    private long _answered;

    // Written once at the start of the process, before the first request.
    private volatile bool _isFed;

    internal RevokedSessions(IOptions<UserTokenOptions> options, IdentityTelemetry telemetry, TimeProvider time)
    {
        _options = options.Value;
        _telemetry = telemetry;
        _time = time;
        telemetry.ObserveRevocations(() => _sessions.Count);
    }

    /// <summary>Raised with the new ones, on the thread that added them. Handlers are quick and do not throw.</summary>
    public event Action<IReadOnlyList<RevokedSession>>? Added;

    /// <summary>Whether those that ended before this process started are known; always true where nothing polls for them.</summary>
    public bool IsLoaded => !_isFed || _loaded.Task.IsCompleted;

    /// <summary>Whether the session was ended.</summary>
    public bool Contains(string tenant, string session) => _sessions.ContainsKey((tenant, session));

    /// <summary>These were ended.</summary>
    public void Add(IReadOnlyList<RevokedSession> sessions)
    {
        ArgumentNullException.ThrowIfNull(sessions);
        List<RevokedSession> fresh = [];
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            foreach (var session in sessions)
            {
                var key = (session.Tenant, session.Id);
                if (_sessions.TryAdd(key, 0))
                {
                    // From now and by our own clock: longer than needed, and independent of the database's clock.
                    _order.Enqueue((key, now + _options.MaxLifetime + UserTokens.ClockSkew));
                    fresh.Add(session);
                }
            }

            Forget_NeedsLock(now);
        }

        if (fresh.Count > 0)
        {
            Added?.Invoke(fresh);
        }
    }

    internal void ExpectLoad() => _isFed = true;

    internal void Loaded()
    {
        Answered();
        _loaded.TrySetResult();
    }

    /// <summary>Dbman answered, if only that it is busy.</summary>
    internal void Answered() => Volatile.Write(ref _answered, _time.GetTimestamp());

    /// <summary>For how long dbman has not answered; null until it has listed what ended before the start.</summary>
    internal TimeSpan? SilenceOfDbman => _loaded.Task.IsCompleted ? _time.GetElapsedTime(Volatile.Read(ref _answered)) : null;

    /// <summary>Waits, for a bounded time, until those from before the start are known; false when they still are not.</summary>
    internal async ValueTask<bool> WaitUntilLoadedAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        if (IsLoaded)
        {
            return true;
        }

        try
        {
            await _loaded.Task.WaitAsync(limit, _time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private void Forget_NeedsLock(DateTimeOffset now)
    {
        while (_order.TryPeek(out var oldest) && (oldest.Until <= now || _order.Count > _options.MaxRevocations))
        {
            if (oldest.Until > now)
            {
                _telemetry.RevocationForgotten();
            }

            _order.Dequeue();
            _sessions.TryRemove(oldest.Key, out _);
        }
    }
}
