using Microsoft.Extensions.Hosting;

namespace Aspire.StackExchange.Redis;

/// <summary>What was registered, for extensions that build on it.</summary>
/// <param name="hostBuilder">Where it was registered.</param>
/// <param name="settings">With which settings.</param>
/// <param name="serviceKey">Under which key; null for none.</param>
public sealed class AspireRedisClientBuilder(IHostApplicationBuilder hostBuilder, StackExchangeRedisSettings settings, string? serviceKey)
{
    /// <summary>Where it was registered.</summary>
    public IHostApplicationBuilder HostBuilder { get; } = hostBuilder ?? throw new ArgumentNullException(nameof(hostBuilder));

    /// <summary>With which settings.</summary>
    public StackExchangeRedisSettings Settings { get; } = settings;

    /// <summary>Under which key; null for none.</summary>
    public string? ServiceKey { get; } = serviceKey;
}
