namespace Tests.Deploy.Rules;

/// <summary>A rule for every overlay: it yields a sentence per violation.</summary>
internal sealed record Rule(string Name, Func<Manifests, IEnumerable<string>> Objections)
{
    public static IReadOnlyList<Rule> All { get; } =
    [
        .. PodRules.All,
        .. AvailabilityRules.All,
        .. ScalingRules.All,
        .. ConfigurationRules.All,
        .. StoreRules.All,
        .. NetworkRules.All,
    ];

    public static Rule Named(string name) => All.Single(rule => rule.Name == name);
}
