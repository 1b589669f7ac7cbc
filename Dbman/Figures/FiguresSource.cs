using System.Reflection;
using Contracts.Replicas;
using Dbman.Messages.Commit;
using Dbman.Postgres;
using Dbman.Requests;
using Microsoft.Extensions.Options;

namespace Dbman.Figures;

/// <summary>Puts together what this replica has counted.</summary>
internal sealed class FiguresSource(
    FigureMeters meters,
    FiguresTelemetry telemetry,
    DatabaseTelemetry database,
    RequestGate gate,
    CommitTelemetry commitTelemetry,
    GroupCommit commit,
    IOptions<FiguresOptions> options,
    IOptions<DatabaseOptions> bounds,
    TimeProvider time)
{
    private readonly long _since = time.GetTimestamp();

    /// <summary>New for each start, and within the rule for ids; begins with the machine's name, which is the pod in a cluster.</summary>
    public string Replica { get; } = $"{Environment.MachineName}-{Guid.NewGuid().ToString("N")[..8]}";

    public string? Version { get; } =
        typeof(FiguresSource).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;

    public ReplicaFigures Read() => new(
        (long)time.GetElapsedTime(_since).TotalMilliseconds,
        (int)options.Value.Report.TotalMilliseconds,
        meters.ReadDurations(),
        meters.Failed,
        gate.RefusedTotal + commitTelemetry.RefusedTotal,
        database.TimeoutsTotal,
        new PoolFigures(database.InUse, meters.ReadIdle(), (int)gate.Waiting, commit.Waiting, bounds.Value.MaxPoolSize),
        telemetry.Unreported);
}
