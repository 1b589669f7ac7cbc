using Contracts.Results;

namespace Realtime.Fanout;

/// <summary>Who may listen. Only a live feed remembers members: it gets the events that end a membership.</summary>
internal sealed partial class RoomFeed
{
    /// <summary>Most users whose membership is remembered; past it all are forgotten, which costs a few calls.</summary>
    private const int MaxRememberedMembers = 10_000;

    /// <summary>How long a membership that was read is trusted for further subscriptions of the same user; events end it sooner.</summary>
    private static readonly TimeSpan MembershipTrust = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, long> _members = new(StringComparer.Ordinal);

    // Grows with every event that may end a membership: an answer that was read before such an event is not trusted after it.
    private long _membershipVersion;

    /// <summary>
    /// Whether the user is a member, and the version under which that was found; pass it to <see cref="TryAttach"/>.
    /// </summary>
    public async Task<ServiceResult<Membership>> GetMembershipAsync(string user, CancellationToken cancellationToken)
    {
        long version;
        lock (_gate)
        {
            version = _membershipVersion;
            if (_members.TryGetValue(user, out var readAt))
            {
                if (_services.Time.GetElapsedTime(readAt) < MembershipTrust)
                {
                    return new Membership(IsMember: true, version);
                }

                _members.Remove(user);
            }
        }

        var asked = _services.Time.GetTimestamp();
        var result = await _services.Store.IsMemberAsync(Room, user, cancellationToken);
        if (!result.TryGet(out var isMember, out var problem))
        {
            return problem;
        }

        lock (_gate)
        {
            if (isMember && _phase == FeedPhase.Live && version == _membershipVersion)
            {
                if (_members.Count >= MaxRememberedMembers)
                {
                    _members.Clear();
                }

                _members[user] = asked;
            }
        }

        return new Membership(isMember, version);
    }

    /// <summary>Reads again whether each subscribed user is still a member: the event that ended a membership may have been lost.</summary>
    public async Task RecheckMembersAsync(CancellationToken cancellationToken)
    {
        var users = _subscriptions.Select(static subscription => subscription.Subscriber.User).Distinct(StringComparer.Ordinal).ToArray();
        foreach (var user in users)
        {
            var result = await _services.Store.IsMemberAsync(Room, user, cancellationToken);
            if (result.TryGet(out var isMember, out var problem))
            {
                if (!isMember)
                {
                    _services.Logger.MembershipEndUnheard(Room, user);
                    ForgetMember(user);
                    DropUser(user);
                }
            }
            else
            {
                // The next round comes; nobody loses a subscription because dbman is away.
                _services.Telemetry.StoreFailed("membership");
                _services.Logger.MembershipFailed(Room, problem.Type, problem.Detail);
                return;
            }
        }
    }

    private void ForgetMember(string user)
    {
        lock (_gate)
        {
            _membershipVersion++;
            _members.Remove(user);
        }
    }

    private void ForgetMembers()
    {
        lock (_gate)
        {
            _membershipVersion++;
            _members.Clear();
        }
    }

    private void DropUser(string user)
    {
        foreach (var subscription in _subscriptions)
        {
            if (subscription.Subscriber.User == user)
            {
                subscription.Subscriber.Drop(subscription, UnsubscribeReasons.Removed);
            }
        }
    }

    private void DropAll(string reason)
    {
        foreach (var subscription in _subscriptions)
        {
            subscription.Subscriber.Drop(subscription, reason);
        }
    }
}

/// <summary>An answer about one user, and when it was given in terms of membership events.</summary>
internal readonly record struct Membership(bool IsMember, long Version);
