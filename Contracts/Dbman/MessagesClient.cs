using Contracts.Messages;
using Contracts.Results;
using static Contracts.Dbman.DbmanCalls;
using static Contracts.RouteTemplate;

namespace Contracts.Dbman;

/// <summary>Messages, heads and relay positions.</summary>
public sealed class MessagesClient
{
    private readonly HttpClient _http;

    internal MessagesClient(HttpClient http) => _http = http;

    /// <summary>Stores messages; each item has its own outcome. Safe to repeat: message ids make it idempotent.</summary>
    public async Task<ServiceResult<AppendResponse>> AppendAsync(AppendRequest request, CancellationToken cancellationToken)
    {
        var result = await _http.SendJsonAsync(
            HttpMethod.Post, DbmanRoutes.Append, request with { Lean = true }, Wire.AppendRequest, Wire.AppendResponse, idempotent: true, cancellationToken);
        return result.TryGet(out var response, out var problem)
            ? new AppendResponse([.. response.Outcomes.Select((outcome, index) => outcome.Of(request.Items[index]))])
            : problem;
    }

    /// <summary>Up to <paramref name="limit"/> messages with a seq greater than <paramref name="after"/>, oldest first.</summary>
    public Task<ServiceResult<HistoryResponse>> GetAfterAsync(string tenant, string room, long after, int limit, CancellationToken cancellationToken) =>
        _http.GetAsync($"{Fill(DbmanRoutes.History, tenant, room)}?after={after}&limit={limit}", Wire.HistoryResponse, cancellationToken);

    /// <summary>
    /// The newest <paramref name="limit"/> messages with a seq less than <paramref name="before"/> (null: the newest of all), oldest first.
    /// </summary>
    public Task<ServiceResult<HistoryResponse>> GetBeforeAsync(string tenant, string room, long? before, int limit, CancellationToken cancellationToken) =>
        _http.GetAsync($"{Fill(DbmanRoutes.History, tenant, room)}?before={before ?? long.MaxValue}&limit={limit}", Wire.HistoryResponse, cancellationToken);

    /// <summary>Newest seq of many rooms in one call.</summary>
    public Task<ServiceResult<HeadsResponse>> GetHeadsAsync(HeadsRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Post, DbmanRoutes.Heads, request, Wire.HeadsRequest, Wire.HeadsResponse, idempotent: true, cancellationToken);

    /// <summary>Reports ranges as published.</summary>
    public Task<ServiceResult<MarkRelayedResponse>> MarkRelayedAsync(MarkRelayedRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Post, DbmanRoutes.MarkRelayed, request, Wire.MarkRelayedRequest, Wire.MarkRelayedResponse, idempotent: true, cancellationToken);

    /// <summary>Claims rooms with unpublished messages; positions say what is missing.</summary>
    public Task<ServiceResult<MarkRelayedResponse>> ClaimUnrelayedAsync(ClaimUnrelayedRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Post, DbmanRoutes.ClaimUnrelayed, request, Wire.ClaimUnrelayedRequest, Wire.MarkRelayedResponse, idempotent: false, cancellationToken);
}
