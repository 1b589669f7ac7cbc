using ServiceDefaults;

namespace Chat.Messages;

internal static class MessagesExtensions
{
    public static void AddMessages(this IHostApplicationBuilder builder)
    {
        builder.AddValidatedOptions<AppendOptions>(AppendOptions.Section);
        builder.Services.AddSingleton<MessageTelemetry>();
        builder.Services.AddSingleton<AttachmentCheck>();
        builder.Services.AddSingleton<MessageAppender>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<MessageAppender>());
    }
}
