using System.Text.Json;
using Contracts;
using Contracts.Layouts;
using Dbman.Postgres;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Dbman.Layouts;

/// <summary>What the driver is to bring about, and what it and others decided: both survive any of them.</summary>
internal sealed class GoalStore(Database database, IOptions<LayoutOptions> options)
{
    private static readonly string ListGoals = SqlText.Read("Layouts/ListGoals.sql");
    private static readonly string SetGoal = SqlText.Read("Layouts/SetGoal.sql");
    private static readonly string ClearGoal = SqlText.Read("Layouts/ClearGoal.sql");
    private static readonly string AddDecision = SqlText.Read("Layouts/AddDecision.sql");
    private static readonly string ListDecisions = SqlText.Read("Layouts/ListDecisions.sql");

    public Task<List<LayoutGoal>> ListAsync(CancellationToken cancellationToken) => database.ListAsync(ListGoals, ReadGoal, [], cancellationToken);

    /// <summary>Null when there are as many goals as there may be, or the goal is not the one that was to be replaced.</summary>
    public Task<LayoutGoal?> SetAsync(SetLayoutGoalRequest request, CancellationToken cancellationToken) =>
        database.FirstAsync(
            SetGoal,
            ReadGoal,
            [
                .. request.Scope.Args(),
                Arg.Flag("autopilot", request.Autopilot),
                Arg.Text("by", request.By),
                Arg.Text("reason", request.Reason),
                Arg.Jsonb("target", LayoutRows.Write(request.Target)),
                Arg.Flag("is_dry", request.IsDry),
                Arg.OptionalTime("replaces", request.Replaces),
                Arg.Int("max_goals", options.Value.MaxGoals),
            ],
            cancellationToken);

    /// <summary>A goal is identified by its time; one that was already cleared or replaced is not cleared again.</summary>
    public Task ClearAsync(LayoutGoal goal, CancellationToken cancellationToken) =>
        database.ExecuteAsync(ClearGoal, [.. goal.Scope.Args(), Arg.Time("set_at", goal.At)], cancellationToken);

    public async Task<LayoutDecision> AddAsync(AddLayoutDecisionRequest request, CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(
            AddDecision,
            ReadDecision,
            [
                .. request.Scope.Args(),
                Arg.Long("epoch", request.Epoch),
                Arg.Text("decision", request.Decision),
                Arg.Text("by", request.By),
                Arg.Text("message", request.Text),
                Arg.Json("figures", JsonSerializer.Serialize(request.Figures, ContractsJsonContext.Default.IReadOnlyDictionaryStringDouble)),
            ],
            cancellationToken);
        return rows[0];
    }

    /// <summary>One more than <paramref name="limit"/> where there are more.</summary>
    public Task<List<LayoutDecision>> ListAsync(long before, int limit, CancellationToken cancellationToken) =>
        database.ListAsync(ListDecisions, ReadDecision, [Arg.Long("before", before), Arg.Int("limit", limit + 1)], cancellationToken);

    private static LayoutGoal ReadGoal(NpgsqlDataReader row) =>
        new(LayoutRows.Scope(row, 0), LayoutRows.State(row, 2), row.GetBoolean(3), row.GetString(4), row.Time(5), row.TextOrNull(6), row.GetBoolean(7));

    private static LayoutDecision ReadDecision(NpgsqlDataReader row) => new(
        row.GetInt64(0),
        LayoutRows.Scope(row, 1),
        row.GetInt64(3),
        row.GetString(4),
        row.GetString(5),
        row.GetString(6),
        LayoutRows.Read(row.GetString(7), ContractsJsonContext.Default.IReadOnlyDictionaryStringDouble),
        row.Time(8));
}
