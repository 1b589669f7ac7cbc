namespace Tests.Deploy.Rules;

/// <summary>What every overlay must keep to: none of the sentences it says about one may be said.</summary>
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
