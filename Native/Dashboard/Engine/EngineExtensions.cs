namespace Dashboard.Engine;

internal static class EngineExtensions
{
    public static void AddEngine(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<EngineClient>();
        builder.Services.AddSingleton<InstanceStore>();
        builder.Services.AddHostedService(s => s.GetRequiredService<InstanceStore>());
    }
}
