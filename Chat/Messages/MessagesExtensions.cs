namespace Chat.Messages;

internal static class MessagesExtensions
{
    public static void AddMessages(this IHostApplicationBuilder builder) => builder.Services.AddSingleton<AttachmentCheck>();
}
