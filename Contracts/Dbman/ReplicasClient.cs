using Contracts.Replicas;
using Contracts.Results;
using static Contracts.Dbman.DbmanCalls;

namespace Contracts.Dbman;

/// <summary>How dbman itself is.</summary>
public sealed class ReplicasClient
{
    private readonly HttpClient _http;

    internal ReplicasClient(HttpClient http) => _http = http;

    /// <summary>
    /// What the replicas of dbman have counted. 404 <see cref="ProblemTypes.NotFound"/>: the replica that answers is of a version without figures.
    /// </summary>
    public Task<ServiceResult<ReplicasResponse>> ListAsync(CancellationToken cancellationToken) =>
        _http.GetAsync(DbmanRoutes.Replicas, Wire.ReplicasResponse, cancellationToken);
}
