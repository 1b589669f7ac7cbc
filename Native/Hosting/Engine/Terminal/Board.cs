using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Engine.Terminal;

/// <summary>The rows of the table of resources: one per process, and one per database; parameters only when they lack a value.</summary>
internal sealed class Board(DistributedApplicationModel model)
{
    private const int LinesOfAFailure = 15;

    // Rows are written by whoever watches the resources and read by whoever draws.
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Row> _rows = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<Row> Rows
    {
        get
        {
            lock (_lock)
            {
                return [.. _rows.Values.OrderBy(r => model.Resources.IndexOf(r.Resource)).ThenBy(r => r.Id, StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Everything that starts by itself is well or over.</summary>
    public bool IsSettled => Are(r => r.IsWell || r.HasFailed);

    public bool IsWell => Are(r => r.IsWell);

    /// <summary>Takes a change over; null when nothing that is shown has changed.</summary>
    public Row? Apply(ResourceEvent change)
    {
        var resource = change.Resource;
        var snapshot = change.Snapshot;
        if (!IsShown(resource) && snapshot.State?.Text != "ValueMissing")
        {
            return null;
        }

        var isReplica = resource.GetReplicaCount() > 1;
        var isUp = snapshot is { HealthStatus: HealthStatus.Healthy, ResourceReadyEvent: not null };
        var row = new Row(
            resource,
            change.ResourceId,
            isReplica || resource is IResourceWithParent ? change.ResourceId : resource.Name,
            snapshot.State?.Text ?? "Unknown",
            HealthOf(snapshot, isUp),
            AddressOf(snapshot, isReplica),
            snapshot.ExitCode,
            isUp,
            HasFailed: snapshot.State is { } state && (DependencyWaits.IsOver(state.Text) || state.Text == "ValueMissing"));
        lock (_lock)
        {
            var isNews = !_rows.TryGetValue(change.ResourceId, out var before) || before != row;
            _rows[change.ResourceId] = row;
            return isNews ? row : null;
        }
    }

    /// <summary>What the health checks say of everything that is not well, or what it is instead.</summary>
    public IEnumerable<string> Complaints(ResourceNotificationService notifications) => Rows
        .Where(r => !r.IsWell && StartsByItself(r.Resource))
        .Select(r => r.State == KnownResourceStates.Running && notifications.TryGetCurrentState(r.Id, out var state)
            ? $"{r.Name}: {string.Join(' ', state.Snapshot.HealthReports.Where(h => h.Status != HealthStatus.Healthy).Select(h => h.Description ?? "no answer yet"))}"
            : $"{r.Name} is {r.State}");

    /// <summary>Why a resource is not what it should be: the last that it said.</summary>
    public static IEnumerable<string> ReasonOf(Row row, ResourceLoggerService loggers) =>
        loggers.BufferOf(row.Id).Last(LinesOfAFailure).Select(l => l.Content);

    /// <summary>Whether everything that starts by itself is there, and is what is asked.</summary>
    private bool Are(Func<Row, bool> what)
    {
        lock (_lock)
        {
            return model.Resources.Where(r => IsShown(r) && StartsByItself(r))
                .All(r => _rows.Values.Count(row => ReferenceEquals(row.Resource, r) && what(row)) >= r.GetReplicaCount());
        }
    }

    private static bool IsShown(IResource resource) => resource is not IResourceWithoutLifetime;

    private static bool StartsByItself(IResource resource) => !resource.HasAnnotationOfType<ExplicitStartupAnnotation>();

    /// <summary>Until it was ready once, a resource that is not healthy is merely not there yet.</summary>
    private static string HealthOf(CustomResourceSnapshot snapshot, bool isUp) => snapshot switch
    {
        { State.Text: not "Running" } => string.Empty,
        _ when isUp => "healthy",
        { ResourceReadyEvent: null } => "getting ready",
        _ => "not healthy",
    };

    private static string AddressOf(CustomResourceSnapshot snapshot, bool isReplica)
    {
        var urls = snapshot.Urls.Where(u => u.IsInternal == isReplica).Select(u => u.Url).ToArray();
        return string.Join(' ', urls.Length > 0 ? urls : snapshot.Urls.Select(u => u.Url).Distinct(StringComparer.Ordinal));
    }

    internal sealed record Row(
        IResource Resource, string Id, string Name, string State, string Health, string Address, int? ExitCode, bool IsWell, bool HasFailed);
}
