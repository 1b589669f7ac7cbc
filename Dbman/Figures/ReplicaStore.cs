using System.Text.Json;
using Contracts;
using Contracts.Replicas;
using Dbman.Postgres;

namespace Dbman.Figures;

/// <summary>
/// A row for each replica. One that dies leaves its row behind: it is not shown for longer than <see cref="ShownFor"/>, and then removed.
/// </summary>
internal sealed class ReplicaStore(Database database)
{
    /// <summary>How long a replica that died is shown after its last report: long enough that an operator sees it.</summary>
    public static readonly TimeSpan ShownFor = TimeSpan.FromMinutes(10);

    private static readonly string Report = SqlText.Read("Figures/ReportReplica.sql");
    private static readonly string Leave = SqlText.Read("Figures/LeaveReplica.sql");
    private static readonly string List = SqlText.Read("Figures/ListReplicas.sql");

    public Task ReportAsync(string replica, string? version, ReplicaFigures figures, CancellationToken cancellationToken) => database.ExecuteAsync(
        Report,
        [
            Arg.Text("replica", replica),
            Arg.Text("version", version),
            Arg.Jsonb("figures", JsonSerializer.Serialize(figures, ContractsJsonContext.Default.ReplicaFigures)),
        ],
        cancellationToken);

    public Task LeaveAsync(string replica, CancellationToken cancellationToken) => database.ExecuteAsync(Leave, [Arg.Text("replica", replica)], cancellationToken);

    public async Task<ReplicasResponse> ListAsync(CancellationToken cancellationToken) => new(await database.ListAsync(
        List,
        static row => new ReplicaView(
            row.GetString(0),
            row.GetInt64(1),
            JsonSerializer.Deserialize(row.GetString(2), ContractsJsonContext.Default.ReplicaFigures) ?? throw new InvalidOperationException("A replica's stored figures are null."),
            row.TextOrNull(3)),
        [Arg.Double("keep_seconds", ShownFor.TotalSeconds), Arg.Int("limit", Limits.Page)],
        cancellationToken));
}
