using System.Text.Json;
using Contracts.Layouts;
using Layouts.Admin;

namespace Layouts.CommandLine;

/// <summary>Shows the plan, asks, sets the goal, waits.</summary>
internal abstract class ChangeCommand<TSettings>(CommandEnvironment environment) : NodeCommand<TSettings>(environment)
    where TSettings : ChangeSettings
{
    protected override async Task<int> RunAsync(AdminClient client, TSettings settings, CancellationToken cancellationToken)
    {
        var ask = AskOf(settings, CommandEnvironment.Variable("USER") is { Length: > 0 and <= 64 } user ? $"command line, {user}" : "command line");
        var plan = await client.AskAsync(ask, isDry: true, cancellationToken);
        if (plan.Value is null)
        {
            return Refuse(client, plan.Problem, plan.Unreachable);
        }

        if (settings.DryRun)
        {
            Show(settings, plan);
            return ExitCodes.Done;
        }

        if (!settings.Yes)
        {
            if (settings.Json)
            {
                Fail("--json changes nothing without --yes; --dry-run shows the plan.");
                return ExitCodes.Usage;
            }

            Show(settings, plan);
            Console.Profile.Out.Writer.Write("Do it? [y/N] ");
            var line = await CommandEnvironment.Input.ReadLineAsync(cancellationToken);
            if (line?.Trim() is not ("y" or "Y" or "yes"))
            {
                Fail("Nothing was changed.");
                return ExitCodes.Usage;
            }
        }

        var set = await client.AskAsync(ask, isDry: false, cancellationToken);
        if (set.Value is not { } goal)
        {
            return Refuse(client, set.Problem, set.Unreachable);
        }

        if (settings.Yes && !settings.Json)
        {
            Show(settings, set);
        }

        if (settings.Patience is not { } patience)
        {
            if (settings.Json)
            {
                WriteJson(set.Json);
            }
            else
            {
                Say($"The goal of {goal.Scope} is {goal.To}. 'layout status' shows how far it is.");
            }

            return ExitCodes.Done;
        }

        return await new GoalWatch(client, CommandEnvironment, settings.Json ? null : Say).WaitAsync(goal, patience, cancellationToken) switch
        {
            { Json: { } json } end when settings.Json => Finish(end, json),
            var end => Finish(end, null),
        };
    }

    protected abstract Ask AskOf(TSettings settings, string by);

    protected static Ask Goal(ChangeSettings settings, string by, string? stage, int? shards = null, string? key = null, CanaryRequest? canary = null, bool giveUp = false) =>
        new(
            HttpMethod.Put,
            AdminRoutes.Goal,
            JsonSerializer.Serialize(
                new GoalRequest(settings.Scope, stage, shards, key, canary, giveUp, settings.Reason, by), AdminJsonContext.Default.GoalRequest));

    private int Finish(GoalEnd end, string? json)
    {
        if (json is not null)
        {
            WriteJson(json);
        }

        if (end.ExitCode == ExitCodes.Done)
        {
            if (json is null)
            {
                Say(end.Text);
            }
        }
        else if (json is null)
        {
            Fail(end.Text);
        }

        return end.ExitCode;
    }

    private void Show(TSettings settings, Answer<LayoutPlan> plan)
    {
        if (settings.Json)
        {
            WriteJson(plan.Json);
        }
        else
        {
            LayoutTables.Write(Console, plan.Value!);
        }
    }

    private void Say(string text) => Console.Profile.Out.Writer.WriteLine(text);
}

/// <summary>A stage without a choice of its own.</summary>
internal abstract class StageCommand(CommandEnvironment environment, string stage) : ChangeCommand<StageSettings>(environment)
{
    protected override Ask AskOf(StageSettings settings, string by) => Goal(settings, by, stage, settings.Shards, settings.Key);
}

internal sealed class LegacyCommand(CommandEnvironment environment) : StageCommand(environment, LayoutStages.Legacy);

internal sealed class ShadowCommand(CommandEnvironment environment) : StageCommand(environment, LayoutStages.Shadow);

internal sealed class CutoverCommand(CommandEnvironment environment) : StageCommand(environment, LayoutStages.Cutover);

internal sealed class CompleteCommand(CommandEnvironment environment) : StageCommand(environment, LayoutStages.Sharded);

internal sealed class CanaryCommand(CommandEnvironment environment) : ChangeCommand<CanarySettings>(environment)
{
    protected override Ask AskOf(CanarySettings settings, string by) =>
        Goal(settings, by, LayoutStages.Canary, settings.Shards, settings.Key, settings.Rule);
}

internal sealed class PlanCommand(CommandEnvironment environment) : NodeCommand<PlanSettings>(environment)
{
    protected override async Task<int> RunAsync(AdminClient client, PlanSettings settings, CancellationToken cancellationToken)
    {
        var stage = settings.Stage == "complete" ? LayoutStages.Sharded : settings.Stage;
        var body = new GoalRequest(settings.Scope, stage, settings.Shards, settings.Key, settings.Rule);
        var ask = new Ask(HttpMethod.Post, AdminRoutes.Plan, JsonSerializer.Serialize(body, AdminJsonContext.Default.GoalRequest));
        var answer = await client.AskAsync(ask, isDry: true, cancellationToken);
        if (answer.Value is not { } plan)
        {
            return Refuse(client, answer.Problem, answer.Unreachable);
        }

        if (settings.Json)
        {
            WriteJson(answer.Json);
        }
        else
        {
            LayoutTables.Write(Console, plan);
        }

        return ExitCodes.Done;
    }
}

internal sealed class RollbackCommand(CommandEnvironment environment) : ChangeCommand<RollbackSettings>(environment)
{
    protected override Ask AskOf(RollbackSettings settings, string by) => new(
        HttpMethod.Post,
        AdminRoutes.Rollback,
        JsonSerializer.Serialize(new RollbackRequest(settings.Scope, settings.To, settings.Reason, by), AdminJsonContext.Default.RollbackRequest));
}

internal sealed class ReshardCommand(CommandEnvironment environment) : ChangeCommand<ReshardSettings>(environment)
{
    protected override Ask AskOf(ReshardSettings settings, string by) => new(
        HttpMethod.Post,
        AdminRoutes.Reshard,
        JsonSerializer.Serialize(new ReshardRequest(settings.Scope, settings.Shards, settings.Reason, by), AdminJsonContext.Default.ReshardRequest));
}

internal sealed class GiveUpCommand(CommandEnvironment environment) : ChangeCommand<ChangeSettings>(environment)
{
    protected override Ask AskOf(ChangeSettings settings, string by) => Goal(settings, by, stage: null, giveUp: true);
}

/// <summary>Takes something from a scope; its layout stays where it is.</summary>
internal abstract class TakeCommand(CommandEnvironment environment) : NodeCommand<ScopeSettings>(environment)
{
    protected abstract string Taken { get; }

    protected override async Task<int> RunAsync(AdminClient client, ScopeSettings settings, CancellationToken cancellationToken)
    {
        var answer = await TakeAsync(client, settings.Scope, cancellationToken);
        if (answer.Problem is not null || answer.Unreachable is not null)
        {
            return Refuse(client, answer.Problem, answer.Unreachable);
        }

        if (!settings.Json)
        {
            Console.Profile.Out.Writer.WriteLine($"{settings.Scope} {Taken}; its layout stays as it is.");
        }

        return ExitCodes.Done;
    }

    /// <summary>An answer without a value is a success.</summary>
    protected abstract Task<Answer<LayoutPlan>> TakeAsync(AdminClient client, string scope, CancellationToken cancellationToken);
}

internal sealed class ClearCommand(CommandEnvironment environment) : TakeCommand(environment)
{
    protected override string Taken => "no longer has a goal";

    protected override Task<Answer<LayoutPlan>> TakeAsync(AdminClient client, string scope, CancellationToken cancellationToken) => client.ClearAsync(scope, cancellationToken);
}
