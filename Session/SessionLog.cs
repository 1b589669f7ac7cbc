namespace Session;

/// <summary>Every log message of the service. Names, passwords and tokens are never in one; ids are.</summary>
internal static partial class SessionLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "A source was locked out of a user name of tenant {Tenant} for {Seconds:0} s after {Failures} failures in a row.")]
    public static partial void NameLocked(this ILogger logger, string tenant, int failures, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The password hash of user {Tenant}/{User} was not renewed: {Type} {Detail}")]
    public static partial void HashNotRenewed(this ILogger logger, string tenant, string user, string type, string? detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A refresh token of {Tenant}/{User} was used twice; session {Session} was ended.")]
    public static partial void RefreshTokenReused(this ILogger logger, string tenant, string user, string session);

    [LoggerMessage(Level = LogLevel.Error, Message = "The stored successor of a refresh token of {Tenant}/{User}, session {Session}, is damaged.")]
    public static partial void SuccessorNotUnsealed(this ILogger logger, string tenant, string user, string session);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "User {Tenant}/{User} was removed by {Actor}: left {Rooms} room(s), {PassedOn} of which have a new owner.")]
    public static partial void UserRemoved(this ILogger logger, string tenant, string user, string actor, int rooms, int passedOn);

    [LoggerMessage(Level = LogLevel.Information, Message = "Signing key {Kid} was made: signs {NotBefore} to {SignsUntil}, published until {PublishedUntil}.")]
    public static partial void KeyAdded(this ILogger logger, string kid, DateTimeOffset notBefore, DateTimeOffset signsUntil, DateTimeOffset publishedUntil);

    [LoggerMessage(Level = LogLevel.Information, Message = "Another replica was first to make the next signing key.")]
    public static partial void KeyAddedByAnother(this ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Reading the signing keys failed: {Type} {Detail}")]
    public static partial void KeysNotRead(this ILogger logger, string type, string? detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "Signing key {Kid} is malformed and is ignored.")]
    public static partial void KeyMalformed(this ILogger logger, string kid);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The private half of signing key {Kid} cannot be decrypted: was the secret (ConnectionStrings:{Connection}) changed without keeping its predecessor? The key stays published.")]
    public static partial void KeyNotDecrypted(this ILogger logger, string kid, string connection);

    [LoggerMessage(Level = LogLevel.Error, Message = "Reading or rotating the signing keys hit an unexpected error.")]
    public static partial void RotationFailed(this ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Too many notices are queued: Realtime is not notified of {Notice} of {Tenant}/{User}.")]
    public static partial void RevocationDropped(this ILogger logger, string tenant, string user, string notice);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Realtime was not notified of {Notice} of {Tenant}/{User} ({Attempts} attempts): {Type} {Detail}")]
    public static partial void RevocationFailed(this ILogger logger, string tenant, string user, string notice, int attempts, string type, string? detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "Notifying Realtime of {Notice} of {Tenant}/{User} failed.")]
    public static partial void RevocationBroken(this ILogger logger, string tenant, string user, string notice, Exception exception);
}
