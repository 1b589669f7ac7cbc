using Contracts;
using Contracts.Layouts;
using Dbman.Postgres;
using Npgsql;

namespace Dbman.Layouts;

/// <summary>
/// Nodes and their leases, and the driver's. The protocol is described at <see cref="LayoutStore"/>. A granted lease must survive a crash of the
/// server, or a barrier would not wait for a node that counts on it: these commits are as durable as any.
/// </summary>
internal sealed class NodeStore(Database database)
{
    public const int MinLeaseMilliseconds = 1_000;
    public const int MaxLeaseMilliseconds = 120_000;

    /// <summary>Most nodes of an answer; each is a process that was seen within a day.</summary>
    private const int MaxNodes = 1_000;

    private static readonly string Beat = SqlText.Read("Layouts/Beat.sql");
    private static readonly string Leave = SqlText.Read("Layouts/Leave.sql");
    private static readonly string ListNodes = SqlText.Read("Layouts/ListNodes.sql");
    private static readonly string Drive = SqlText.Read("Layouts/Drive.sql");
    private static readonly string GetDriver = SqlText.Read("Layouts/GetDriver.sql");

    /// <summary>
    /// What barriers wait for, beyond what the node counts on: a fifth, and no less than a second. It covers clocks that run at different speed, and a
    /// node that needs a moment to notice that its time is over; the way of the heartbeat is covered by where the two begin to count.
    /// </summary>
    public static int LeaseWithMargin(int milliseconds) => milliseconds + Math.Max(1_000, milliseconds / 5);

    /// <summary>Without an answer: the node claims to have what does not exist, and nothing was kept of it.</summary>
    public async Task<(long Revision, NodeHeartbeatResponse? Response)> BeatAsync(string node, NodeHeartbeat beat, string? figures, CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(
            Beat,
            static row => (IsAhead: row.GetBoolean(0), IsGranted: row.GetBoolean(1), Revision: row.GetInt64(2), WireVersion: row.GetInt32(3), Record: LayoutRows.RecordOrNull(row, 4)),
            [
                Arg.Text("node", node),
                Arg.Long("applied", beat.Applied),
                Arg.Long("known", beat.Known),
                Arg.Int("lease", LeaseWithMargin(beat.LeaseMilliseconds)),
                Arg.Int("rooms", beat.Rooms),
                Arg.Int("connections", beat.Connections),
                Arg.Text("version", beat.Version),
                Arg.Text("note", beat.Note),
                Arg.Jsonb("figures", figures),
                Arg.Int("wire_version", beat.WireVersion),
            ],
            cancellationToken);
        var (isAhead, isGranted, revision, wireVersion, _) = rows[0];
        return isAhead
            ? (revision, null)
            : (revision, new NodeHeartbeatResponse(
                isGranted, new LayoutsResponse(revision, [.. rows.Select(static row => row.Record).OfType<LayoutRecord>()]), wireVersion));
    }

    public Task LeaveAsync(string node, CancellationToken cancellationToken) => database.ExecuteAsync(Leave, [Arg.Text("node", node)], cancellationToken);

    public async Task<NodesResponse> ListAsync(bool withFigures, CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(
            ListNodes,
            static row => (
                Revision: row.GetInt64(0),
                Node: row.IsDBNull(1)
                    ? null
                    : new NodeView(
                        row.GetString(1),
                        row.GetInt64(2),
                        row.GetBoolean(3),
                        row.Time(4),
                        row.GetInt64(5),
                        row.GetInt32(6),
                        row.GetInt32(7),
                        row.TextOrNull(8),
                        row.TextOrNull(9),
                        row.IsDBNull(10) ? null : row.GetInt64(10),
                        row.TextOrNull(11) is { } figures ? LayoutRows.Read(figures, ContractsJsonContext.Default.NodeFigures) : null)),
            [Arg.Int("limit", MaxNodes), Arg.Flag("with_figures", withFigures)],
            cancellationToken);
        return new NodesResponse(rows[0].Revision, [.. rows.Select(static row => row.Node).OfType<NodeView>()]);
    }

    public Task<DriverLease> DriveAsync(DriverLeaseRequest request, CancellationToken cancellationToken) =>
        DriverAsync(Drive, [Arg.Text("holder", request.Holder), Arg.Int("lease", request.LeaseMilliseconds)], cancellationToken);

    public Task<DriverLease> GetDriverAsync(CancellationToken cancellationToken) => DriverAsync(GetDriver, [], cancellationToken);

    private async Task<DriverLease> DriverAsync(string sql, NpgsqlParameter[] args, CancellationToken cancellationToken) =>
        await database.FirstAsync(sql, static row => new DriverLease(row.TextOrNull(0), row.GetInt64(1), row.GetInt64(2)), args, cancellationToken)
        ?? throw new InvalidOperationException("The driver's lease has no row.");
}
