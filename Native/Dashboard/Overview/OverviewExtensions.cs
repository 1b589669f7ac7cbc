namespace Dashboard.Overview;

internal static class OverviewExtensions
{
    public static void AddOverview(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<OverviewOptions>().BindConfiguration(OverviewOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<OverviewSource>();
    }
}
