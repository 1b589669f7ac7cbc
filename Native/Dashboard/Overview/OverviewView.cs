using Dashboard.Resources;

namespace Dashboard.Overview;

/// <summary>Whether it is well, at one moment.</summary>
internal sealed record OverviewView(
    Condition Verdict,
    string Headline,
    IReadOnlyList<Reason> Reasons,
    IReadOnlyList<ResourceState> Resources,
    IReadOnlyList<HttpState> Http,
    IReadOnlyList<Tile> Database,
    IReadOnlyList<Tile> Delivery,
    IReadOnlyList<PublishState> Publishing);

/// <summary>Why it is not well, and where to look.</summary>
internal sealed record Reason(Condition Kind, string Text, string Href);

/// <summary>A resource with all of its replicas.</summary>
internal sealed record ResourceState(string Name, Condition Kind, string Text, string Href);

/// <summary>A service's requests of the last minute.</summary>
internal sealed record HttpState(
    string Service, double Rate, double? P50, double? P95, double? P99, double Failures, IReadOnlyList<double?> Line, string Href);

/// <summary>A figure with its last minutes.</summary>
public sealed record Tile(string Title, string Figure, string Note, Condition Kind, IReadOnlyList<double?> Line, string Href);

/// <summary>Handing events of one kind to the broker, in the last minute.</summary>
internal sealed record PublishState(string Kind, double Rate, double? P50, double? P95, double? P99);
