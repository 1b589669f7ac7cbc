using Contracts;

namespace Session.Sessions;

/// <summary>What a session remembers of the request that started it, for its user to recognise it by.</summary>
/// <param name="UserAgent">As sent, cut to <see cref="Limits.Name"/>, without control characters; null when there is none.</param>
/// <param name="Address">Client address.</param>
/// <param name="Device">Id of the device when it was signed in before, else null.</param>
internal readonly record struct Caller(string? UserAgent, string? Address, string? Device)
{
    public static Caller Of(HttpContext context, string? device = null)
    {
        var agent = context.Request.Headers.UserAgent.ToString();
        var clean = new string([.. agent.Where(static c => c is >= ' ' and < (char)0x7f).Take(Limits.Name)]).Trim();
        var address = context.Connection.RemoteIpAddress;
        return new Caller(
            clean.Length == 0 ? null : clean,
            address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4().ToString() : address?.ToString(),
            device);
    }
}
