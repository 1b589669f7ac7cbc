namespace Aspire.StackExchange.Redis;

/// <summary>How to reach Redis; configuration section <c>Aspire:StackExchange:Redis</c>, overridden by <c>Aspire:StackExchange:Redis:NAME</c>.</summary>
public sealed class StackExchangeRedisSettings
{
    /// <summary>Connection string in StackExchange.Redis' form; <c>ConnectionStrings:NAME</c> overrides it.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Whether to leave the health check out.</summary>
    /// <value>Default false.</value>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Whether to leave spans out.</summary>
    /// <value>Default false.</value>
    public bool DisableTracing { get; set; }

    /// <summary>Whether to connect on first use rather than when the host starts.</summary>
    /// <value>Default true. Connecting blocks a thread, so a busy service sets false.</value>
    public bool DisableAutoActivation { get; set; } = true;
}
