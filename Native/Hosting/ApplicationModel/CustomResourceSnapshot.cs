using System.Collections.Immutable;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>What is known about one instance of a resource at one moment.</summary>
public sealed record CustomResourceSnapshot
{
    public required string ResourceType { get; init; }

    public required ImmutableArray<ResourcePropertySnapshot> Properties { get; init; }

    public DateTime? CreationTimeStamp { get; init; }

    public DateTime? StartTimeStamp { get; init; }

    public DateTime? StopTimeStamp { get; init; }

    public ResourceStateSnapshot? State { get; init; }

    public int? ExitCode { get; init; }

    public bool IsHidden { get; init; }

    /// <summary>The worst report while the resource runs; healthy without any; unknown while it does not run or a report is outstanding.</summary>
    public HealthStatus? HealthStatus => State?.Text != KnownResourceStates.Running
        ? null
        : HealthReports.Aggregate(
            (HealthStatus?)Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy,
            (worst, report) => worst is null || report.Status is null ? null : (HealthStatus)Math.Min((int)worst, (int)report.Status));

    public ImmutableArray<HealthReportSnapshot> HealthReports { get; internal init; } = [];

    public ImmutableArray<EnvironmentVariableSnapshot> EnvironmentVariables { get; init; } = [];

    public ImmutableArray<UrlSnapshot> Urls { get; init; } = [];

    public ImmutableArray<ResourceCommandSnapshot> Commands { get; init; } = [];

    public ImmutableArray<RelationshipSnapshot> Relationships { get; init; } = [];

    /// <summary>Set once the resource was first healthy; done when all who subscribed to <see cref="ResourceReadyEvent"/> are.</summary>
    internal EventSnapshot? ResourceReadyEvent { get; init; }

    internal object? Property(string name) => Properties.FirstOrDefault(p => p.Name == name)?.Value;

    internal CustomResourceSnapshot WithProperty(string name, object? value) =>
        this with { Properties = [.. Properties.Where(p => p.Name != name), new ResourcePropertySnapshot(name, value)] };
}
