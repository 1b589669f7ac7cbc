namespace Realtime.Channels;

/// <summary>Names of events on the control channel.</summary>
internal static class ControlEvents
{
    /// <summary>Payload: <see cref="Contracts.Publish.SessionRevokedRequest"/>.</summary>
    public const string SessionRevoked = "session.revoked";

    /// <summary>A layout changed; no payload, as the control plane has it. One that is lost costs the time until the next heartbeat.</summary>
    public const string LayoutChanged = "layout.changed";

    /// <summary>Goals of layouts changed; no payload. One that is lost costs the time until the driver's next look.</summary>
    public const string GoalsChanged = "layout.goals";
}
