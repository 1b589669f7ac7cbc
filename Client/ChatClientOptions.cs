using Client.Realtime;
using Microsoft.Extensions.Logging;

namespace Client;

/// <summary>Where the services are and how long to wait for them.</summary>
public sealed class ChatClientOptions
{
    /// <summary>Base address of session, e.g. <c>http://localhost:5101</c>.</summary>
    public required Uri Session { get; init; }

    /// <summary>Base address of chat.</summary>
    public required Uri Chat { get; init; }

    /// <summary>Base address of fileman.</summary>
    public required Uri Fileman { get; init; }

    /// <summary>Base address of realtime; http means ws, https means wss.</summary>
    public required Uri Realtime { get; init; }

    /// <summary>Longest wait for an answer's headers; bodies of files, up and down, are bound by the caller's token only.</summary>
    /// <value>Default 30 s.</value>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bounds of live connections.</summary>
    public RealtimeOptions Live { get; init; } = new();

    /// <summary>Sends requests and opens sockets; null: a pooled handler of this client's own.</summary>
    public HttpMessageHandler? Handler { get; init; }

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Diagnostics; null: none.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }
}
