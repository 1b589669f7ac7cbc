namespace Realtime.Channels;

/// <summary>Names of events on the control channel.</summary>
internal static class ControlEvents
{
    /// <summary>Payload: <see cref="Contracts.Publish.SessionRevokedRequest"/>.</summary>
    public const string SessionRevoked = "session.revoked";
}
