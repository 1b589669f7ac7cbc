namespace Client.Realtime;

/// <summary>Who puts a room's messages in order. The application sees them in order either way.</summary>
public enum MessageOrder
{
    /// <summary>The server holds back what came early (default).</summary>
    Server,

    /// <summary>The server sends messages as they arrive and this library holds back: less work for the server.</summary>
    Client,
}
