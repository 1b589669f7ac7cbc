namespace ServiceDefaults.Health;

/// <summary>
/// Which probe a health check belongs to. A check without any of these tags counts for <see cref="Ready"/>: that is how checks
/// arrive that others register (AddNpgsqlDataSource, AddRedisClient).
/// </summary>
public static class HealthTags
{
    /// <summary>The process itself; never a dependency, or an outage of the dependency restarts every replica.</summary>
    public const string Live = "live";

    /// <summary>What this replica cannot serve without.</summary>
    public const string Ready = "ready";

    /// <summary>What must be done once before the first request (migrations, warm caches).</summary>
    public const string Startup = "startup";
}
