using Microsoft.Extensions.Logging;

namespace ServiceDefaults.Identity;

internal static partial class IdentityLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The issuer's keys could not be read; known keys stay in use.")]
    public static partial void KeysUnreadable(this ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The issuer publishes no usable ES256 key; known keys stay in use.")]
    public static partial void NoUsableKeys(this ILogger logger);
}
