using Microsoft.Extensions.Options;
using ServiceDefaults;

namespace Chat.Relay;

internal static class RelayExtensions
{
    /// <summary>Most rooms with unreported ranges; ranges of further rooms are left to the sweeper.</summary>
    private const int PendingRooms = 20_000;

    /// <summary>Most separate ranges of one room; further ones are left to the sweeper.</summary>
    private const int PendingRanges = 256;

    /// <summary>The way from a commit to Realtime. Hosted services stop in reverse order: the sweeper first, then the relays, then the marker that reports what they did.</summary>
    public static void AddRelay(this IHostApplicationBuilder builder)
    {
        builder.AddValidatedOptions<RelayOptions>(RelayOptions.Section);
        builder.AddValidatedOptions<SweeperOptions>(SweeperOptions.Section);

        var services = builder.Services;
        services.AddSingleton<RelayTelemetry>();
        services.AddSingleton(static provider => new RelayedRanges(PendingRooms, PendingRanges, provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService<RelayMarker>();
        services.AddSingleton(static provider =>
        {
            var options = provider.GetRequiredService<IOptions<RelayOptions>>().Value;
            var telemetry = provider.GetRequiredService<RelayTelemetry>();
            MessageLane[] lanes = [.. Enumerable.Range(0, options.Lanes).Select(number => ActivatorUtilities.CreateInstance<MessageLane>(provider, number))];
            telemetry.ObserveDepth(() => lanes.Sum(static lane => lane.Depth));
            return lanes;
        });
        services.AddSingleton<MessageRelay>();
        services.AddHostedService(static provider => provider.GetRequiredService<MessageRelay>());
        services.AddSingleton<SystemEventLane>();
        services.AddSingleton<SystemEventRelay>();
        services.AddHostedService(static provider => provider.GetRequiredService<SystemEventRelay>());
        services.AddHostedService<Sweeper>();
    }
}
