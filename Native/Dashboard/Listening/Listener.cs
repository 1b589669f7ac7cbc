namespace Dashboard.Listening;

/// <summary>Who may speak on a port. What is mapped belongs to one of them (<see cref="ListenerExtensions.RequireListener"/>), else to people's browsers.</summary>
internal enum Listener
{
    /// <summary>Browsers.</summary>
    Frontend,

    /// <summary>OTLP over gRPC.</summary>
    OtlpGrpc,

    /// <summary>OTLP over HTTP.</summary>
    OtlpHttp,
}
