namespace Contracts.Frames;

/// <summary>Values of <c>code</c> in error frames. The connection stays open after an error frame.</summary>
public static class ErrorCodes
{
    /// <summary>Not JSON, no object, no or unknown type, or a field of a wrong type.</summary>
    public const string BadFrame = "bad-frame";

    /// <summary>An id does not follow <see cref="Ids.Rule"/>.</summary>
    public const string InvalidId = "invalid-id";

    /// <summary>The room does not exist or the user is no member of it.</summary>
    public const string NotAMember = "not-a-member";

    /// <summary>No such subscription on this connection.</summary>
    public const string NotSubscribed = "not-subscribed";

    /// <summary>The room is subscribed already; unsubscribe first to change <c>after</c> or <c>order</c>.</summary>
    public const string AlreadySubscribed = "already-subscribed";

    /// <summary><c>after</c> is negative, or past the room's head.</summary>
    public const string InvalidPosition = "invalid-position";

    /// <summary>As many subscriptions as a connection may have.</summary>
    public const string TooManySubscriptions = "too-many-subscriptions";

    /// <summary>Frames come faster than allowed; retryAfter says how long to wait.</summary>
    public const string RateLimited = "rate-limited";

    /// <summary>The signal's data is too long, or nested too deep.</summary>
    public const string TooLarge = "too-large";

    /// <summary>Something that the node needs is away; retryAfter says how long to wait.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>The token of an auth frame is not valid for this connection's user.</summary>
    public const string BadToken = "bad-token";
}
