using Realtime.Migration.Admin;
using Realtime.Migration.Autopilot;
using Realtime.Migration.Driving;
using Realtime.Migration.Figures;
using Realtime.Migration.Planning;
using ServiceDefaults;
using ServiceDefaults.Identity;

namespace Realtime.Migration;

/// <summary>Driving layouts, and operating that. Apart from the node's own part, which every node needs: measuring and most tests drive by hand.</summary>
internal static class MigrationService
{
    public static void AddLayoutDriver(this IHostApplicationBuilder builder)
    {
        builder.AddValidatedOptions<DriverOptions>(DriverOptions.Section);
        builder.AddValidatedOptions<PlannerOptions>(PlannerOptions.Section);
        builder.AddValidatedOptions<AutopilotOptions>(AutopilotOptions.Section);
        builder.AddOperatorAuthentication();
        var services = builder.Services;
        services.AddSingleton<MigrationTelemetry>();
        services.AddSingleton<DriverJournal>();
        services.AddSingleton<LayoutAutopilot>();
        services.AddSingleton<LayoutDriver>();
        services.AddHostedService(static provider => provider.GetRequiredService<LayoutDriver>());
        services.AddSingleton<LayoutAdmin>();
        services.AddSingleton<AutopilotAdmin>();
        services.AddSingleton<ProposalAdmin>();
        services.AddSingleton<FigureFeed>();
        services.AddHostedService(static provider => provider.GetRequiredService<FigureFeed>());
        services.AddHostedService<PlannerService>();
    }

    public static void MapLayoutAdmin(this WebApplication app) => AdminEndpoints.Map(app);
}
