using Microsoft.Extensions.Logging;

namespace ServiceDefaults.Identity;

internal static partial class IdentityLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The issuer's keys could not be read; known keys stay in use.")]
    public static partial void KeysUnreadable(this ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The issuer publishes no usable ES256 key; known keys stay in use.")]
    public static partial void NoUsableKeys(this ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Reading ended sessions from dbman failed: {Type} {Detail}. Known ones stay in force.")]
    public static partial void RevocationsUnread(this ILogger logger, string type, string? detail);

    [LoggerMessage(Level = LogLevel.Information, Message = "Reading ended sessions from dbman succeeds again.")]
    public static partial void RevocationsReadAgain(this ILogger logger);

    [LoggerMessage(Level = LogLevel.Error, Message = "Reading ended sessions hit an unexpected error.")]
    public static partial void RevocationsBroken(this ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Caller} was refused: it is not among the callers of {Endpoint}.")]
    public static partial void CallerRefused(this ILogger logger, string caller, string? endpoint);

    [LoggerMessage(
        Level = LogLevel.Critical,
        Message = "Operators:Tenant is '{Tenant}', but there is no such tenant: there are no operators, and it cannot be signed up while it is configured. Unset it on all services, sign the tenant up, and set it again.")]
    public static partial void OperatorTenantMissing(this ILogger logger, string tenant);
}
