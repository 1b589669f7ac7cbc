namespace Contracts;

/// <summary>
/// Every <c>type</c> of problem details that our services answer with. Stable: applications branch on them.
/// </summary>
public static class ProblemTypes
{
    private const string Prefix = "urn:problem:";

    /// <summary>400: body, query or route is malformed; detail names the field.</summary>
    public const string InvalidRequest = Prefix + "invalid-request";

    /// <summary>400: an id does not follow <see cref="Ids.Rule"/>.</summary>
    public const string InvalidId = Prefix + "invalid-id";

    /// <summary>401: no, or no valid, credential.</summary>
    public const string Unauthenticated = Prefix + "unauthenticated";

    /// <summary>401: user name or password is wrong (the two are not told apart).</summary>
    public const string BadCredentials = Prefix + "bad-credentials";

    /// <summary>401: the refresh token is unknown, expired or revoked.</summary>
    public const string RefreshTokenInvalid = Prefix + "refresh-token-invalid";

    /// <summary>401: a refresh token was used twice; its session was revoked.</summary>
    public const string RefreshTokenReused = Prefix + "refresh-token-reused";

    /// <summary>403: the caller may not do this.</summary>
    public const string Forbidden = Prefix + "forbidden";

    /// <summary>403: the caller is not a member of the room. Also answered for rooms that do not exist, so that ids cannot be guessed.</summary>
    public const string NotAMember = Prefix + "not-a-member";

    /// <summary>404: generic.</summary>
    public const string NotFound = Prefix + "not-found";

    /// <summary>404: no such tenant.</summary>
    public const string TenantNotFound = Prefix + "tenant-not-found";

    /// <summary>404: no such user in the tenant.</summary>
    public const string UserNotFound = Prefix + "user-not-found";

    /// <summary>404: no such room in the tenant.</summary>
    public const string RoomNotFound = Prefix + "room-not-found";

    /// <summary>404: no such session.</summary>
    public const string SessionNotFound = Prefix + "session-not-found";

    /// <summary>404: no such file in the tenant, or its upload never finished.</summary>
    public const string FileNotFound = Prefix + "file-not-found";

    /// <summary>404: the file has no thumbnail: it is no picture, or one that cannot be shown.</summary>
    public const string ThumbnailNotFound = Prefix + "thumbnail-not-found";

    /// <summary>405.</summary>
    public const string MethodNotAllowed = Prefix + "method-not-allowed";

    /// <summary>409: the tenant id is taken.</summary>
    public const string TenantExists = Prefix + "tenant-exists";

    /// <summary>409: the user name is taken in the tenant.</summary>
    public const string UsernameTaken = Prefix + "username-taken";

    /// <summary>409: the room id is taken in the tenant.</summary>
    public const string RoomExists = Prefix + "room-exists";

    /// <summary>409: the change contradicts the current state; detail says how.</summary>
    public const string Conflict = Prefix + "conflict";

    /// <summary>409: the password was changed after it was checked. Between services; applications get <see cref="BadCredentials"/>.</summary>
    public const string CredentialChanged = Prefix + "credential-changed";

    /// <summary>409: the room's last owner cannot leave or step down.</summary>
    public const string LastOwner = Prefix + "last-owner";

    /// <summary>409: the tenant's last admin who may sign in can be neither deactivated nor removed.</summary>
    public const string LastAdmin = Prefix + "last-admin";

    /// <summary>409: the scope's newest layout is another one than expected; detail names its epoch.</summary>
    public const string LayoutConflict = Prefix + "layout-conflict";

    /// <summary>409: nodes have not applied the layouts so far; detail names them, Retry-After says when to ask again.</summary>
    public const string LayoutBarrier = Prefix + "layout-barrier";

    /// <summary>412: the content is not, or no longer, what the request's conditions ask for.</summary>
    public const string PreconditionFailed = Prefix + "precondition-failed";

    /// <summary>413: the body is longer than allowed.</summary>
    public const string PayloadTooLarge = Prefix + "payload-too-large";

    /// <summary>408: the body did not arrive in time, or came too slowly while others waited.</summary>
    public const string RequestTimeout = Prefix + "request-timeout";

    /// <summary>413: the tenant's storage quota would be exceeded.</summary>
    public const string QuotaExceeded = Prefix + "quota-exceeded";

    /// <summary>415: the media type is not accepted, or the content is not what it claims to be.</summary>
    public const string UnsupportedMediaType = Prefix + "unsupported-media-type";

    /// <summary>416: the range lies outside the content.</summary>
    public const string RangeNotSatisfiable = Prefix + "range-not-satisfiable";

    /// <summary>429: too many calls, or too many failed logins; Retry-After says when.</summary>
    public const string TooManyRequests = Prefix + "too-many-requests";

    /// <summary>500: a bug; traceId finds it in the logs.</summary>
    public const string InternalError = Prefix + "internal-error";

    /// <summary>503: this replica is at its concurrency bound; Retry-After says when.</summary>
    public const string Overloaded = Prefix + "overloaded";

    /// <summary>503: PostgreSQL cannot be reached.</summary>
    public const string DatabaseUnavailable = Prefix + "database-unavailable";

    /// <summary>503: a statement ran into its timeout.</summary>
    public const string DatabaseTimeout = Prefix + "database-timeout";

    /// <summary>503: Redis cannot be reached.</summary>
    public const string BrokerUnavailable = Prefix + "broker-unavailable";

    /// <summary>507: the disk of contents is nearly full; Retry-After says when to try again.</summary>
    public const string StorageFull = Prefix + "storage-full";

    /// <summary>503: another service cannot be reached.</summary>
    public const string DependencyUnavailable = Prefix + "dependency-unavailable";

    /// <summary>503: this replica is shutting down.</summary>
    public const string Draining = Prefix + "draining";
}
