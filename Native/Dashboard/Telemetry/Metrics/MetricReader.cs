namespace Dashboard.Telemetry.Metrics;

/// <summary>An instrument as a person picks it: of a service, over its replicas.</summary>
internal sealed record InstrumentInfo(string Service, string Meter, string Name, InstrumentKind Kind, string Unit, string Description);

/// <summary>Reads the store the way pages ask.</summary>
internal sealed class MetricReader(MetricStore store)
{
    /// <summary>Services with metrics, and their replicas' display names.</summary>
    public IReadOnlyList<(string Service, string[] Replicas)> Services() =>
        [.. store.Instruments()
            .GroupBy(static i => i.Key.Resource.Name)
            .OrderBy(static g => g.Key, StringComparer.OrdinalIgnoreCase)
            .Select(static g => (g.Key, g.Select(static i => i.Key.Resource.DisplayName).Distinct().Order(StringComparer.Ordinal).ToArray()))];

    public IReadOnlyList<InstrumentInfo> Instruments(string service) =>
        [.. store.Instruments()
            .Where(i => i.Key.Resource.Name == service)
            .Select(static i => new InstrumentInfo(i.Key.Resource.Name, i.Key.Meter, i.Key.Name, i.Key.Kind, i.Unit, i.Description))
            .DistinctBy(static i => (i.Meter, i.Name, i.Kind))
            .OrderBy(static i => IsOfALibrary(i.Meter))
            .ThenBy(static i => i.Meter, StringComparer.OrdinalIgnoreCase)
            .ThenBy(static i => i.Name, StringComparer.Ordinal)];

    /// <summary>The series of an instrument. Empty texts stand for all.</summary>
    public List<SeriesPoints> Read(string service, string name, Func<Tag[], bool>? wanted = null, string meter = "", string replica = "") =>
        [.. Find(service, name, meter, replica).SelectMany(i => i.Read(wanted ?? All))];

    public List<SeriesExemplar> Exemplars(string service, string name, Func<Tag[], bool>? wanted = null, string meter = "", string replica = "") =>
        [.. Find(service, name, meter, replica).SelectMany(i => i.Exemplars(wanted ?? All))];

    /// <summary>By key, the values that occur.</summary>
    public SortedDictionary<string, SortedSet<string>> Dimensions(string service, string name, string meter = "", string replica = "")
    {
        var dimensions = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var tag in Find(service, name, meter, replica).SelectMany(static i => i.Dimensions()).SelectMany(static tags => tags))
        {
            if (!dimensions.TryGetValue(tag.Key, out var values))
            {
                dimensions.Add(tag.Key, values = new(StringComparer.Ordinal));
            }

            values.Add(tag.Value);
        }

        return dimensions;
    }

    private static bool All(Tag[] tags) => true;

    /// <summary>What a service says of itself stands before what its libraries say.</summary>
    private static bool IsOfALibrary(string meter) =>
        meter.StartsWith("Microsoft.", StringComparison.Ordinal) || meter.StartsWith("System.", StringComparison.Ordinal)
        || meter.StartsWith("OpenTelemetry.", StringComparison.Ordinal) || meter is "Polly" or "Npgsql" or "StackExchange.Redis";

    private IEnumerable<Instrument> Find(string service, string name, string meter, string replica) =>
        store.Instruments().Where(i =>
            i.Key.Name == name
            && i.Key.Resource.Name == service
            && (meter.Length == 0 || i.Key.Meter == meter)
            && (replica.Length == 0 || i.Key.Resource.DisplayName == replica));
}
