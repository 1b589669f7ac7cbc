using Contracts.Results;

namespace Contracts.Publish;

/// <summary>realtime's internal API. Calls return the problem that realtime answered with; they throw only on cancellation.</summary>
public sealed class RealtimeClient(HttpClient http)
{
    /// <summary>Hands events to the broker. Safe to repeat: receivers drop second copies. 503 <see cref="ProblemTypes.BrokerUnavailable"/>.</summary>
    public Task<ServiceResult<PublishResponse>> PublishAsync(PublishRequest request, CancellationToken cancellationToken) =>
        http.SendAsync(
            HttpMethod.Post,
            RealtimeRoutes.Publish,
            ServiceHttp.Json(request, ContractsJsonContext.Default.PublishRequest),
            ContractsJsonContext.Default.PublishResponse,
            idempotent: true,
            cancellationToken);

    /// <summary>Tells every node to close the sockets of revoked sessions.</summary>
    public Task<ServiceResult<Unit>> SessionRevokedAsync(SessionRevokedRequest request, CancellationToken cancellationToken) =>
        http.SendAsync(
            HttpMethod.Post,
            RealtimeRoutes.SessionRevoked,
            ServiceHttp.Json(request, ContractsJsonContext.Default.SessionRevokedRequest),
            ContractsJsonContext.Default.Unit,
            idempotent: true,
            cancellationToken);
}
