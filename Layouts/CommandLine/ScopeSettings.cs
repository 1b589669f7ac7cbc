using System.ComponentModel;
using System.Globalization;
using Layouts.Admin;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Layouts.CommandLine;

/// <summary>What every command takes.</summary>
internal class NodeSettings : CommandSettings
{
    [CommandOption("--url <URL>")]
    [Description("A running node. Default: REALTIME_URL, else http://localhost and the port that this environment gives to the service, else http://localhost:5104.")]
    public string? Url { get; init; }

    [CommandOption("--json")]
    [Description("The answer as JSON, and nothing else.")]
    public bool Json { get; init; }
}

/// <summary>What commands about one scope take.</summary>
internal class ScopeSettings : NodeSettings
{
    [CommandOption("-s|--scope <SCOPE>")]
    [Description("all, tenant, or tenant/room. Default: all.")]
    [DefaultValue("all")]
    public string Scope { get; init; } = "all";

    public override ValidationResult Validate() =>
        ScopeText.TryParse(Scope, out _) ? ValidationResult.Success() : ValidationResult.Error("--scope: all, tenant or tenant/room.");
}

/// <summary>What commands take that change something.</summary>
internal class ChangeSettings : ScopeSettings
{
    /// <summary>A walk over all stages takes seconds; a node that died is waited for as long as its lease.</summary>
    public static readonly TimeSpan DefaultWait = TimeSpan.FromMinutes(5);

    [CommandOption("-y|--yes")]
    [Description("Do it without asking.")]
    public bool Yes { get; init; }

    [CommandOption("--dry-run")]
    [Description("Show the plan; change nothing.")]
    public bool DryRun { get; init; }

    [CommandOption("-w|--wait [TIMEOUT]")]
    [Description("Wait until it is reached: 90s, 5m or 00:01:30. Default: 5m.")]
    public FlagValue<string> Wait { get; init; } = new();

    [CommandOption("--reason <TEXT>")]
    [Description("Why; goes into the history.")]
    public string? Reason { get; init; }

    public TimeSpan? Patience => !Wait.IsSet ? null : TryParse(Wait.Value, out var patience) ? patience : DefaultWait;

    public override ValidationResult Validate() =>
        base.Validate() is { Successful: false } refusal ? refusal
        : Yes && DryRun ? ValidationResult.Error("--yes and --dry-run exclude each other.")
        : Wait.IsSet && !string.IsNullOrEmpty(Wait.Value) && !TryParse(Wait.Value, out _) ? ValidationResult.Error("--wait: 90s, 5m or 00:01:30.")
        : ValidationResult.Success();

    private static bool TryParse(string? text, out TimeSpan patience)
    {
        patience = TimeSpan.Zero;
        if (text is not { Length: > 1 })
        {
            return false;
        }

        var unit = text[^1] switch { 's' => TimeSpan.FromSeconds(1), 'm' => TimeSpan.FromMinutes(1), _ => TimeSpan.Zero };
        if (unit > TimeSpan.Zero && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            patience = unit * count;
        }
        else if (!TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out patience))
        {
            return false;
        }

        return patience > TimeSpan.Zero;
    }
}

/// <summary>What commands take that lead to a stage.</summary>
internal class StageSettings : ChangeSettings
{
    [CommandOption("--shards <N>")]
    [Description("Message shards of a room, 1 to 64. Default: as it is.")]
    public int? Shards { get; init; }

    [CommandOption("--key <KEY>")]
    [Description("What decides a message's shard: message or sender. Default: as it is.")]
    public string? Key { get; init; }
}

/// <summary>What <c>canary</c> takes.</summary>
internal class CanarySettings : StageSettings
{
    [CommandOption("--tenants <IDS>")]
    [Description("Tenants whose rooms are canaries, separated by commas; only with --scope all.")]
    public string? Tenants { get; init; }

    [CommandOption("--rooms <IDS>")]
    [Description("Canaries as tenant/room, separated by commas.")]
    public string? Rooms { get; init; }

    [CommandOption("--percent <P>")]
    [Description("Percentage of rooms, in steps of 0.1. A room that is a canary stays one as this grows.")]
    public decimal? Percent { get; init; }

    public CanaryRequest? Rule => Tenants is null && Rooms is null && Percent is null ? null
        : new CanaryRequest(Split(Tenants), Split(Rooms), (int)((Percent ?? 0) * 10));

    public override ValidationResult Validate() =>
        base.Validate() is { Successful: false } refusal ? refusal
        : Percent is { } percent && (percent is < 0 or > 100 || decimal.Truncate(percent * 10) != percent * 10) ? ValidationResult.Error("--percent: 0 to 100 in steps of 0.1.")
        : ValidationResult.Success();

    private static string[] Split(string? list) => list?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}

/// <summary>What <c>plan</c> takes.</summary>
internal sealed class PlanSettings : CanarySettings
{
    [CommandArgument(0, "<STAGE>")]
    [Description("legacy, shadow, canary, cutover, sharded (or complete).")]
    public string Stage { get; init; } = "";
}

/// <summary>What <c>rollback</c> takes.</summary>
internal sealed class RollbackSettings : ChangeSettings
{
    [CommandOption("--to <STAGE>")]
    [Description("legacy, shadow, canary or cutover. Default: the stage before.")]
    public string? To { get; init; }
}

/// <summary>What <c>reshard</c> takes.</summary>
internal sealed class ReshardSettings : ChangeSettings
{
    [CommandOption("--shards <N>", isRequired: true)]
    [Description("1 to 64.")]
    public int Shards { get; init; }
}

/// <summary>What <c>history</c> takes.</summary>
internal sealed class HistorySettings : NodeSettings
{
    [CommandOption("--decisions")]
    [Description("What was decided and why, in place of the records.")]
    public bool Decisions { get; init; }

    [CommandOption("--limit <N>")]
    [Description("1 to 200. Default: 20.")]
    [DefaultValue(20)]
    public int Limit { get; init; } = 20;

    [CommandOption("--before <ID>")]
    [Description("Only what is older than this epoch or decision.")]
    public long? Before { get; init; }
}
