using System.Globalization;
using Contracts.Layouts;
using Dbman.Postgres;
using Microsoft.Extensions.Options;

namespace Dbman.Layouts;

/// <summary>
/// Layout records, and the one barrier that orders them (ADR 0009).
/// </summary>
/// <remarks>
/// <para>
/// <b>A change</b> is asked about in two steps. The rules (<see cref="LayoutRules"/>) are C#, and no transaction of ours waits for this process: one that
/// held the counter's row while its replica is frozen would keep every node's heartbeat out, until all of them had lost their leases. So the state of
/// affairs is read with its revision, without a lock; the rules are asked; and then one transaction takes the counter's row, looks whether the revision is
/// still the one that was read (nothing that the rules rest on changes without it), whether no node with a valid lease lags behind it, and adds the record
/// with the next epoch. If the revision has moved, the check starts over. So what is committed is what the rules allowed, in the very state in
/// which they allowed it.
/// </para>
/// <para>
/// <b>A heartbeat</b> shares the counter's row (<see cref="NodeStore"/>). It is therefore either before a change, which then sees the lease that it
/// granted, or after it, and then sees the new revision. So no node is ever granted a lease at more than one record behind: at revision R all nodes with
/// a lease had applied R - 1 when R was added, and a lease that ran out comes back only at R.
/// </para>
/// <para>
/// <b>A scope that is opened or given up</b> must mean the same channels as the wider one at that moment, so nothing changes for its rooms. Scopes within
/// it that have layouts of their own are not touched by that, nor by any other change of it: a room follows its narrowest record and no other. When such
/// an inner scope is given up in its turn, it is compared with the next wider layout at that time.
/// </para>
/// <para>
/// <b>Time</b> is PostgreSQL's wall clock, read after the lock was given. Set forward by more than the leases' margin, it ends leases that nodes still
/// count on, and a barrier may not wait for them; set back, leases last longer, and a barrier waits for dead nodes by as much (the refusal names them, and
/// removing a node ends its lease). A server that takes over after a failure must have all that its predecessor committed (synchronous replication): a lost
/// lease is a node that no barrier waits for, and a lost record an epoch that is given out twice.
/// </para>
/// </remarks>
internal sealed class LayoutStore(Database database, IOptions<LayoutOptions> options, ILogger<LayoutStore> logger)
{
    /// <summary>Changes of other scopes that may come between; each of them had a barrier of its own to pass.</summary>
    private const int MaxAttempts = 16;

    /// <summary>Nodes that a refusal names.</summary>
    private const int NamedNodes = 10;

    private static readonly string ReadLayouts = SqlText.Read("Layouts/ReadLayouts.sql");
    private static readonly string ReadHistory = SqlText.Read("Layouts/ReadHistory.sql");
    private static readonly string ReadForChange = SqlText.Read("Layouts/ReadForChange.sql");
    private static readonly string AddRecord = SqlText.Read("Layouts/AddRecord.sql");

    public async Task<LayoutsResponse> GetAsync(long known, CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(
            ReadLayouts,
            static row => (Revision: row.GetInt64(0), Record: LayoutRows.RecordOrNull(row, 1)),
            [Arg.Long("known", known)],
            cancellationToken);
        return new LayoutsResponse(rows[0].Revision, [.. rows.Select(static row => row.Record).OfType<LayoutRecord>()]);
    }

    /// <summary>One more than <paramref name="limit"/> where there are more.</summary>
    public Task<List<LayoutRecord>> HistoryAsync(long before, int limit, CancellationToken cancellationToken) =>
        database.ListAsync(
            ReadHistory, static row => LayoutRows.Record(row), [Arg.Long("before", before), Arg.Int("limit", limit + 1)], cancellationToken);

    /// <summary>The request's form has been checked, its state by <see cref="LayoutRules.Check"/>.</summary>
    public async Task<LayoutChange> ChangeAsync(ChangeLayoutRequest request, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var facts = await ReadFactsAsync(request.Scope, cancellationToken);
            if (Refusal(request, facts) is { } refusal)
            {
                return refusal;
            }

            if (await AddAsync(request, facts, cancellationToken) is { } change)
            {
                if (change.Record is { } record)
                {
                    logger.Changed(record.Epoch, record.Scope, record.State, record.By);
                }

                return change;
            }
        }

        return new LayoutChange(LayoutVerdict.Contended, Detail: "Other changes came first, again and again.");
    }

    private static LayoutChange? Refusal(ChangeLayoutRequest request, Facts facts)
    {
        // A reader that starts from nothing does not get scopes that were given up: for such a scope "none" is as good as the epoch that gave it up.
        var isExpected = request.ExpectedEpoch == facts.Epoch || (request.ExpectedEpoch == 0 && facts.Own is null);
        if (!isExpected)
        {
            return new LayoutChange(
                LayoutVerdict.Conflict, Detail: $"The newest layout of {request.Scope} has epoch {facts.Epoch}, and not {request.ExpectedEpoch}.");
        }

        return (facts.Own, request.State) switch
        {
            (null, null) => Invalid($"state: {request.Scope} has no layout of its own to give up."),
            ({ } own, { } next) when !LayoutRules.AreCompatible(own, next) => Invalid($"state: {Name(next)} cannot follow {Name(own)}."),
            (null, { } first) when !LayoutRules.AreEqual(first, facts.Wider) =>
                Invalid($"state: the first layout of {request.Scope} must mean the same channels as the wider one, {Name(facts.Wider)}."),
            ({ } last, null) when !LayoutRules.AreEqual(last, facts.Wider) =>
                Invalid($"state: {Name(last)} cannot be given up while the wider layout is {Name(facts.Wider)}: they mean other channels."),
            _ => null,
        };

        static LayoutChange Invalid(string detail) => new(LayoutVerdict.Invalid, Detail: detail);
    }

    /// <summary>Such as <c>sharded/widen 4 -> 16</c>.</summary>
    private static string Name(LayoutState state) =>
        $"{state.Stage}{(state.Step.Length == 0 ? "" : "/")}{state.Step} {state.Shards}{(state.NextShards is { } next ? $" -> {next}" : "")} by {state.ShardKey}";

    private async Task<Facts> ReadFactsAsync(LayoutScope scope, CancellationToken cancellationToken) =>
        await database.FirstAsync(
            ReadForChange,
            static row => new Facts(
                row.GetInt64(0),
                row.IsDBNull(1) ? 0 : row.GetInt64(1),
                LayoutRows.State(row, 2),
                LayoutRows.State(row, 3) ?? LayoutRows.State(row, 4) ?? LayoutRules.Initial),
            scope.Args(),
            cancellationToken)
        ?? throw new InvalidOperationException("The counter of layouts has no row.");

    /// <summary>Null when the revision has moved.</summary>
    private async Task<LayoutChange?> AddAsync(ChangeLayoutRequest request, Facts facts, CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(
            AddRecord,
            static row => new Answer(
                row.GetString(0),
                row.IsDBNull(1) ? 0 : row.GetInt64(1),
                row.TimeOrNull(2),
                row.GetInt64(3),
                row.TextOrNull(4),
                row.IsDBNull(5) ? 0 : row.GetInt64(5),
                row.TextOrNull(6)),
            [
                .. request.Scope.Args(),
                Arg.Long("revision", facts.Revision),
                Arg.Flag("opens", facts.Own is null),
                Arg.Int("max_scopes", options.Value.MaxScopes),
                Arg.Text("by", request.By),
                Arg.Text("reason", request.Reason),
                Arg.Jsonb("state", LayoutRows.Write(request.State)),
                Arg.Int("named", NamedNodes),
            ],
            cancellationToken);
        var first = rows[0];
        return first.Word switch
        {
            "ok" => new LayoutChange(
                LayoutVerdict.Ok, new LayoutRecord(first.Epoch, request.Scope, request.State, request.By, request.Reason, first.At!.Value)),
            "moved" => null,
            "full" => new LayoutChange(
                LayoutVerdict.Full, Detail: $"{options.Value.MaxScopes} scopes have layouts of their own, which is the most; some must be given up first."),
            "barrier" => new LayoutChange(LayoutVerdict.Barrier, Detail: DescribeBarrier(facts.Revision, first.Laggards, rows)),
            var word => throw new InvalidOperationException($"AddRecord.sql answered an unknown verdict '{word}'."),
        };
    }

    private static string DescribeBarrier(long revision, long laggards, List<Answer> rows)
    {
        var named = string.Join(
            "; ", rows.Select(static row => row.Note is { Length: > 0 } note ? $"{row.Node} is at {row.Applied} ({note})" : $"{row.Node} is at {row.Applied}"));
        var others = laggards - rows.Count;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{laggards} live node(s) have not applied revision {revision}: {named}{(others > 0 ? $"; and {others} more" : "")}.");
    }

    /// <param name="Revision">When this was so.</param>
    /// <param name="Epoch">Of the scope's newest record, also when that gave it up; 0: there never was one.</param>
    /// <param name="Own">The scope's own layout, if it has one.</param>
    /// <param name="Wider">What the scope follows, or would without one of its own.</param>
    private sealed record Facts(long Revision, long Epoch, LayoutState? Own, LayoutState Wider);

    private sealed record Answer(string Word, long Epoch, DateTimeOffset? At, long Laggards, string? Node, long Applied, string? Note);
}
