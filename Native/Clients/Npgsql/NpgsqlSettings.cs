namespace Aspire.Npgsql;

/// <summary>How to reach PostgreSQL; configuration section <c>Aspire:Npgsql</c>, overridden by <c>Aspire:Npgsql:NAME</c>.</summary>
public class NpgsqlSettings
{
    /// <summary>Connection string; <c>ConnectionStrings:NAME</c> overrides it.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Whether to leave the health check out.</summary>
    /// <value>Default false.</value>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Whether to leave spans out.</summary>
    /// <value>Default false.</value>
    public bool DisableTracing { get; set; }

    /// <summary>Whether to leave metrics out.</summary>
    /// <value>Default false.</value>
    public bool DisableMetrics { get; set; }
}
