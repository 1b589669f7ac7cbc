namespace Contracts.Publish;

/// <summary>Internal routes of realtime; for services: chat publishes, session tells what it revoked.</summary>
public static class RealtimeRoutes
{
    public const string Publish = "/internal/v1/publish";
    public const string SessionRevoked = "/internal/v1/sessions/revoked";

    /// <summary>Public: the WebSocket.</summary>
    public const string WebSocket = "/v1/ws";
}
