using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Engine.Dashboards;

internal static class DashboardServices
{
    public static void AddDashboard(this IServiceCollection services)
    {
        services.AddSingleton<DashboardPlan>();
        services.AddSingleton<LoginTokens>();
        services.AddSingleton<Secrets>();
        services.AddSingleton<UsageSampler>();
        services.AddSingleton<Scaler>();
        services.AddSingleton<InstanceViews>();
        services.AddSingleton<EngineAnswers>();
        services.AddSingleton<EngineServer>();
        services.AddHostedService<DashboardHost>();
    }
}
