using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ServiceDefaults.Health;

namespace ServiceDefaults.Drain;

internal static class DrainExtensions
{
    /// <summary>Added to Delay + Timeout so that the host's own limit never cuts a drain short that keeps its times.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(2);

    public static void AddDrain(this IHostApplicationBuilder builder)
    {
        builder.AddValidatedOptions<DrainOptions>(DrainOptions.Section, options =>
        {
            if (builder.Environment.IsDevelopment())
            {
                options.Delay = TimeSpan.Zero;
            }
        });
        builder.Services.TryAddSingleton<DrainState>();
        builder.Services.AddHostedService<DrainService>();
        builder.Services.AddOptions<HostOptions>().Configure<IOptions<DrainOptions>>((host, drain) =>
            host.ShutdownTimeout = drain.Value.Delay + drain.Value.Timeout + Slack);
        builder.Services.AddHealthChecks().AddCheck<DrainHealthCheck>("drain", tags: [HealthTags.Ready]);
    }
}
