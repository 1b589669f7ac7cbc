using Client.Realtime;
using Contracts;
using Contracts.Public;
using Contracts.Results;

namespace Client;

/// <summary>Posting and reading stored messages.</summary>
public sealed class MessagesApi : IRoomHistory
{
    private readonly HttpClient _http;

    internal MessagesApi(HttpClient http) => _http = http;

    private static ContractsJsonContext Wire => ContractsJsonContext.Default;

    /// <summary>
    /// Stores a message and hands it to the room. Give it an <see cref="NewMessage.Id"/> and it may be posted again if no answer came: only the first
    /// is stored.
    /// </summary>
    public Task<ServiceResult<MessageView>> PostAsync(string room, NewMessage message, CancellationToken cancellationToken = default) =>
        _http.SendAsync(
            HttpMethod.Post,
            RouteTemplate.Fill(ChatRoutes.Messages, room),
            ServiceHttp.Json(message, Wire.NewMessage),
            Wire.MessageView,
            idempotent: message.Id is not null,
            cancellationToken);

    /// <summary>Up to <paramref name="limit"/> messages behind <paramref name="after"/>, oldest first.</summary>
    public Task<ServiceResult<MessagePage>> GetAfterAsync(string room, long after, int limit = Limits.HistoryPage, CancellationToken cancellationToken = default) =>
        _http.SendAsync(
            HttpMethod.Get,
            $"{RouteTemplate.Fill(ChatRoutes.Messages, room)}?after={after}&limit={limit}",
            content: null,
            Wire.MessagePage,
            idempotent: true,
            cancellationToken);

    /// <summary>The newest <paramref name="limit"/> messages before <paramref name="before"/> (null: of all), oldest first.</summary>
    public Task<ServiceResult<MessagePage>> GetBeforeAsync(string room, long? before = null, int limit = 50, CancellationToken cancellationToken = default) =>
        _http.SendAsync(
            HttpMethod.Get,
            RouteTemplate.Fill(ChatRoutes.Messages, room) + (before is null ? $"?limit={limit}" : $"?before={before}&limit={limit}"),
            content: null,
            Wire.MessagePage,
            idempotent: true,
            cancellationToken);
}
