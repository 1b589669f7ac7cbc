using System.Collections;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Google.Protobuf.WellKnownTypes;
using Wire = Dashboard.Wire;

namespace Aspire.Hosting.Engine.Dashboards;

/// <summary>What the dashboard is told of an instance.</summary>
internal sealed class InstanceViews(EngineContext engine, Secrets secrets, UsageSampler usage, Scaler scaler)
{
    public const string Environment = "environment";
    public const string Properties = "properties";

    public Wire.Instance View(ResourceEvent known, Func<string, string?, bool> isSecret)
    {
        var (resource, id, snapshot) = (known.Resource, known.ResourceId, known.Snapshot);
        var view = new Wire.Instance
        {
            Id = id,
            Resource = resource.Name,
            Type = snapshot.ResourceType,
            Index = scaler.IndexOf(id) ?? 0,
            Order = engine.Model.Resources.IndexOf(resource),
            Parent = (resource as IResourceWithParent)?.Parent.Name ?? string.Empty,
            IsHidden = snapshot.IsHidden,
            State = snapshot.State?.Text ?? string.Empty,
            StateStyle = snapshot.State?.Style ?? string.Empty,
            Health = snapshot.HealthStatus?.ToString() ?? string.Empty,
            Created = TimeOf(snapshot.CreationTimeStamp),
            Started = TimeOf(snapshot.StartTimeStamp),
            Stopped = TimeOf(snapshot.StopTimeStamp),
            Scaling = scaler.ScalingOf(resource),
        };
        if (snapshot.ExitCode is { } code)
        {
            view.ExitCode = code;
        }

        if (snapshot.State?.Text == KnownResourceStates.Running)
        {
            if (snapshot.Property(KnownProperties.ExecutablePid) is int pid)
            {
                view.Pid = pid;
            }

            view.Usage = usage.Of(id);
        }

        view.Reports.AddRange(snapshot.HealthReports.Select(r => new Wire.HealthReport
        {
            Name = r.Name,
            Status = r.Status?.ToString() ?? string.Empty,
            Description = r.Description ?? string.Empty,
            Exception = r.ExceptionText ?? string.Empty,
        }));
        view.Addresses.AddRange(snapshot.Urls.Where(u => !u.IsInactive).Select(u => new Wire.Address
        {
            Name = u.Name ?? string.Empty,
            Url = u.Url,
            Text = u.DisplayProperties.DisplayName,
            IsInternal = u.IsInternal,
        }));
        view.Environment.AddRange(snapshot.EnvironmentVariables.OrderBy(e => e.Name, StringComparer.Ordinal).Select(e => Value(e.Name, e.Value, isSecret(e.Name, e.Value))));
        view.Properties.AddRange(snapshot.Properties.Select(p => (p, Text: TextOf(p.Value)))
            .Select(p => Value(p.p.Name, p.Text, p.p.IsSensitive || isSecret(p.p.Name, p.Text))));
        view.Relationships.AddRange(RelationshipsOf(resource));
        view.Commands.AddRange(CommandsOf(resource, snapshot));
        return view;
    }

    /// <summary>What else a view is made of than the snapshot; equal while it is the same.</summary>
    public object FiguresOf(ResourceEvent known) => (usage.Of(known.ResourceId), scaler.ScalingOf(known.Resource)?.Replicas);

    /// <summary>The secret value that somebody asked for; null when there is none of that name.</summary>
    public string? Reveal(string id, string of, string name) => !engine.Notifications.TryGetCurrentState(id, out var known)
        ? null
        : of switch
        {
            Environment => known.Snapshot.EnvironmentVariables.FirstOrDefault(e => e.Name == name)?.Value,
            Properties => TextOf(known.Snapshot.Property(name)),
            _ => null,
        };

    public Func<string, string?, bool> SecretTest() => secrets.Test();

    private static Wire.Value Value(string name, string? text, bool isSecret) =>
        new() { Name = name, Text = isSecret ? string.Empty : text ?? string.Empty, IsSecret = isSecret };

    private static Timestamp? TimeOf(DateTime? time) => time is { } known ? Timestamp.FromDateTime(DateTime.SpecifyKind(known, DateTimeKind.Utc)) : null;

    private static string? TextOf(object? value) => value switch
    {
        null => null,
        string text => text,
        IEnumerable many => string.Join(' ', many.Cast<object?>().Select(TextOf)),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    private static IEnumerable<Wire.Relationship> RelationshipsOf(IResource resource) =>
        resource.Annotations.OfType<ResourceRelationshipAnnotation>().Select(r => (r.Resource.Name, r.Type))
            .Concat(resource.Annotations.OfType<WaitAnnotation>().Select(w => (w.Resource.Name, Type: "WaitFor")))
            .Concat(resource is IResourceWithParent { Parent: { } parent } ? [(parent.Name, "Parent")] : [])
            .Distinct()
            .Select(r => new Wire.Relationship { Resource = r.Name, Type = r.Item2 });

    private IEnumerable<Wire.Command> CommandsOf(IResource resource, CustomResourceSnapshot snapshot) =>
        resource.Annotations.OfType<ResourceCommandAnnotation>()
            .Select(c => (Command: c, State: c.UpdateState(new UpdateCommandStateContext { ResourceSnapshot = snapshot, Services = engine.Services })))
            .Where(c => c.State != ResourceCommandState.Hidden)
            .Select(c => new Wire.Command
            {
                Name = c.Command.Name,
                Title = c.Command.DisplayName,
                Description = c.Command.DisplayDescription ?? string.Empty,
                Confirmation = c.Command.ConfirmationMessage ?? string.Empty,
                IsEnabled = c.State == ResourceCommandState.Enabled,
            });
}
