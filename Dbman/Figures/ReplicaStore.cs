using System.Text.Json;
using Contracts;
using Contracts.Replicas;
using Dbman.Housekeeping;
using Dbman.Postgres;
using Microsoft.Extensions.Options;

namespace Dbman.Figures;

/// <summary>A row for each replica. One that dies leaves its row behind: it is not shown for longer than <see cref="HousekeepingOptions.KeepReplicas"/>, and then removed.</summary>
internal sealed class ReplicaStore(Database database, IOptions<HousekeepingOptions> options)
{
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
        [Arg.Double("keep_seconds", options.Value.KeepReplicas.TotalSeconds), Arg.Int("limit", Limits.Page)],
        cancellationToken));
}
