using Contracts;
using Microsoft.Extensions.Options;
using ServiceDefaults;

namespace Chat.Web.Demo;

internal static class DemoExtensions
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    public static void AddDemo(this IHostApplicationBuilder builder)
    {
        var isDevelopment = builder.Environment.IsDevelopment();
        builder.AddValidatedOptions<DemoOptions>(DemoOptions.Section, options => options.Enabled = isDevelopment);
        builder.Services.AddSingleton<IValidateOptions<DemoOptions>, DemoOptions.Validator>();
        if (isDevelopment)
        {
            builder.Services.AddHttpClient<DemoAccounts>(static http => (http.BaseAddress, http.Timeout) = (new Uri($"http://{ServiceNames.Session}"), Timeout))
                .AddServiceDiscovery();
            builder.Services.AddHostedService<DemoSeed>();
        }
    }
}
