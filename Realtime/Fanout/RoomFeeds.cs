using System.Collections.Concurrent;
using Contracts.Frames;
using Contracts.Messages;
using Contracts.Results;

namespace Realtime.Fanout;

/// <summary>The feeds of this node, and how one gets into them.</summary>
internal sealed class RoomFeeds(FeedServices services) : IAsyncDisposable
{
    /// <summary>How often a subscriber is checked again because memberships of its room changed meanwhile; a room that changes faster answers "try
    /// again".</summary>
    private const int MaxMembershipReads = 4;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<RoomKey, RoomFeed> _feeds = new();

    /// <summary>Feeds of rooms that are listened to now.</summary>
    public IEnumerable<RoomFeed> Live => _feeds.Values.Where(static feed => feed.IsLive);

    public int Count => _feeds.Count;

    /// <summary>Subscriptions, counted by what <paramref name="groupOf"/> says of their rooms.</summary>
    public IEnumerable<(string Group, long Count)> CountSubscriptions(Func<RoomKey, string> groupOf) => _feeds.Values
        .GroupBy(feed => groupOf(feed.Room), StringComparer.Ordinal)
        .Select(static group => (group.Key, group.Sum(static feed => (long)feed.SubscriptionCount)));

    /// <summary>Subscriptions to one room.</summary>
    public int CountSubscriptions(RoomKey room) => _feeds.TryGetValue(room, out var feed) ? feed.SubscriptionCount : 0;

    /// <summary>
    /// Subscribes a connection of a user to a room. The subscription is silent until it is set active; end it with <see cref="Unsubscribe"/>.
    /// </summary>
    /// <param name="room">The room; its tenant is that of the user's token.</param>
    /// <param name="subscriber">The connection.</param>
    /// <param name="after">Deliver what follows this seq; null: only what is new.</param>
    /// <param name="orderedByClient">Whether messages are passed on as they arrive.</param>
    /// <param name="cancellationToken">The connection is gone.</param>
    public async Task<SubscribeResult> SubscribeAsync(
        RoomKey room, ISubscriber subscriber, long? after, bool orderedByClient, CancellationToken cancellationToken)
    {
        var asked = services.Time.GetTimestamp();
        if (!_feeds.TryGetValue(room, out var known) || !known.IsLive)
        {
            // Checked before the room's channels are subscribed to: a non-member cannot make a node listen to anything.
            var member = await services.Store.IsMemberAsync(room, subscriber.User, cancellationToken);
            if (!member.TryGet(out var isMember, out var problem))
            {
                return Unavailable(problem);
            }

            if (!isMember)
            {
                return SubscribeResult.NotAMember;
            }
        }

        var feed = Enter(room);
        Subscription? subscription = null;
        try
        {
            await feed.Live.WaitAsync(services.Options.JoinTimeout, services.Time, cancellationToken);
            var result = await AttachAsync(feed, subscriber, after, orderedByClient, asked, cancellationToken);
            subscription = result.Subscription;
            return result;
        }
        catch (TimeoutException)
        {
            return new SubscribeResult(null, ErrorCodes.Unavailable, "The room cannot be subscribed to now.", RetryAfter);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new SubscribeResult(null, ErrorCodes.Unavailable, "The node is shutting down.", RetryAfter);
        }
        finally
        {
            if (subscription is null)
            {
                feed.Leave();
            }
        }
    }

    /// <summary>Ends a subscription. Once for each.</summary>
    public static void Unsubscribe(Subscription subscription)
    {
        subscription.Feed.Detach(subscription);
        subscription.Feed.Leave();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var feed in _feeds.Values)
        {
            await feed.DisposeAsync();
        }
    }

    private RoomFeed Enter(RoomKey room)
    {
        while (true)
        {
            var feed = _feeds.GetOrAdd(
                room,
                static (key, self) => new RoomFeed(key, self.Services) { OnClosed = self.Forget },
                (Services: services, Forget: (Action<RoomFeed>)Forget));
            if (feed.TryEnter())
            {
                return feed;
            }

            // Closed meanwhile: it may still be in the table, but accepts no subscriber.
            Forget(feed);
        }
    }

    /// <summary>Removes exactly this feed, never one that took its place.</summary>
    private void Forget(RoomFeed feed) => _feeds.TryRemove(new KeyValuePair<RoomKey, RoomFeed>(feed.Room, feed));

    private async Task<SubscribeResult> AttachAsync(
        RoomFeed feed, ISubscriber subscriber, long? after, bool orderedByClient, long asked, CancellationToken cancellationToken)
    {
        // "Only what is new" means: after what had been stored when it was asked for. The node may not know of it yet.
        after ??= feed.HeadSince(asked);
        if (after is null || after > feed.Highest)
        {
            // The node may be behind: only dbman can say that there is no such position.
            var readAt = services.Time.GetTimestamp();
            var heads = await services.Store.GetHeadsAsync([feed.Room], cancellationToken);
            if (!heads.TryGet(out var read, out var problem))
            {
                return Unavailable(problem);
            }

            if (read.Heads is [var head, ..])
            {
                feed.NoteHead(head.LastSeq);
            }

            after ??= feed.KeepHead(read.Heads is [var newest, ..] ? newest.LastSeq : 0, readAt);
        }

        for (var reads = 0; reads < MaxMembershipReads; reads++)
        {
            var membership = await feed.GetMembershipAsync(subscriber.User, cancellationToken);
            if (!membership.TryGet(out var member, out var problem))
            {
                return Unavailable(problem);
            }

            if (!member.IsMember)
            {
                return SubscribeResult.NotAMember;
            }

            // After the membership: a stranger does not learn how far a room has come.
            if (after > feed.Highest)
            {
                return new SubscribeResult(null, ErrorCodes.InvalidPosition, $"The room's newest seq is {feed.Highest}.");
            }

            if (feed.TryAttach(subscriber, after.Value, orderedByClient, member.Version) is { } subscription)
            {
                return new SubscribeResult(subscription);
            }
        }

        return new SubscribeResult(null, ErrorCodes.Unavailable, "The room's members are changing too fast.", RetryAfter);
    }

    private SubscribeResult Unavailable(ServiceProblem problem)
    {
        services.Telemetry.StoreFailed("subscribe");
        return new SubscribeResult(null, ErrorCodes.Unavailable, "The room cannot be read now.", problem.RetryAfter ?? RetryAfter);
    }
}

/// <summary>A subscription, or why there is none in terms of an error frame.</summary>
internal sealed record SubscribeResult(Subscription? Subscription, string? Code = null, string? Detail = null, TimeSpan? RetryAfter = null)
{
    /// <summary>The same words for rooms that do not exist.</summary>
    public static SubscribeResult NotAMember { get; } = new(null, ErrorCodes.NotAMember, "The room does not exist, or you are not a member of it.");
}
