using Contracts.Messages;
using Dbman.Postgres;
using Npgsql;

namespace Dbman.Messages.Relay;

/// <summary>
/// How far a room's messages were handed on. The position moves over what touches it; what was relayed ahead of it (two callers finish in any order) is
/// kept until the gap in front of it is closed, so one message that was lost is all that a sweeper finds missing in the end.
/// </summary>
internal sealed class RelayStore(Database database)
{
    /// <summary>Longest grace and claim: a day.</summary>
    public const int MaxMilliseconds = 24 * 60 * 60 * 1_000;

    /// <summary>A room is looked at by sweepers until it has been caught up and quiet for this long.</summary>
    private const int QuietMilliseconds = 30_000;

    /// <summary>Rooms that one claim stops watching; the next claim does the next.</summary>
    private const int QuietLimit = 500;

    private static readonly string MarkRelayed = SqlText.Read("Messages/Relay/MarkRelayed.sql");
    private static readonly string ClaimUnrelayed = SqlText.Read("Messages/Relay/ClaimUnrelayed.sql");

    public Task<List<RelayPosition>> MarkAsync(IReadOnlyList<RelayedRange> ranges, CancellationToken cancellationToken) =>
        database.ListAsync(
            MarkRelayed,
            ReadPosition,
            [
                Arg.Texts("tenants", ranges.Select(static range => range.Tenant)),
                Arg.Texts("rooms", ranges.Select(static range => range.Room)),
                Arg.Longs("froms", [.. ranges.Select(static range => range.From)]),
                Arg.Longs("tos", [.. ranges.Select(static range => range.To)]),
            ],
            cancellationToken);

    public Task<List<RelayPosition>> ClaimAsync(ClaimUnrelayedRequest request, CancellationToken cancellationToken) =>
        database.ListAsync(
            ClaimUnrelayed,
            ReadPosition,
            [
                Arg.Text("claimer", request.Claimer),
                Arg.Int("grace", request.GraceMilliseconds),
                Arg.Int("claim", request.ClaimMilliseconds),
                Arg.Int("limit", request.Limit),
                Arg.Int("quiet", Math.Max(QuietMilliseconds, request.GraceMilliseconds)),
                Arg.Int("quiet_limit", QuietLimit),
            ],
            cancellationToken);

    private static RelayPosition ReadPosition(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3));
}
