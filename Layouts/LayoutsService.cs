using Layouts.Admin;
using Layouts.Autopilot;
using Layouts.Brokers;
using Layouts.Driving;
using Layouts.Figures;
using Layouts.Planning;
using Layouts.Steps;
using Microsoft.Extensions.Options;
using Realtime.Counting;
using ServiceDefaults;
using ServiceDefaults.Identity;

namespace Layouts;

/// <summary>
/// Driving layouts, and operating that. Apart from the node's own part, which every node needs: measuring and most tests drive by hand.
/// </summary>
internal static class LayoutsService
{
    public static void AddLayoutDriver(this IHostApplicationBuilder builder)
    {
        builder.AddValidatedOptions<DriverOptions>(DriverOptions.Section);
        builder.AddValidatedOptions<PlannerOptions>(PlannerOptions.Section);
        builder.AddValidatedOptions<AutopilotOptions>(AutopilotOptions.Section);
        builder.AddValidatedOptions<FiguresOptions>(FiguresOptions.Section)
            .Validate<IOptions<CountingOptions>>(
                static (figures, counting) => figures.Window >= counting.Value.Report * 2,
                $"{FiguresOptions.Section}:{nameof(FiguresOptions.Window)}: must be at least twice {nameof(CountingOptions.Report)}.");
        builder.AddOperatorAuthentication();
        var services = builder.Services;
        services.AddSingleton<DriverTelemetry>();
        services.AddSingleton<DriverJournal>();
        services.AddSingleton<LayoutAutopilot>();
        services.AddSingleton<LayoutDriver>();
        services.AddHostedService(static provider => provider.GetRequiredService<LayoutDriver>());
        services.AddSingleton<LayoutAdmin>();
        services.AddSingleton<AutopilotAdmin>();
        services.AddSingleton<ProposalAdmin>();
        services.AddSingleton<BrokerReader>();
        services.AddSingleton<BrokerTelemetry>();
        services.AddSingleton<FigureFeed>();
        services.AddHostedService(static provider => provider.GetRequiredService<FigureFeed>());
        services.AddHostedService<PlannerService>();
    }

    public static void MapLayoutAdmin(this WebApplication app)
    {
        // Nobody else asks for it: its gauges are read when metrics are collected.
        app.Services.GetRequiredService<BrokerTelemetry>();
        AdminEndpoints.Map(app);
    }
}
