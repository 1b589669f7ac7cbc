using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static class ConnectionPropertiesExtensions
{
    /// <summary>A resource's connection properties, of which the additional ones replace or extend those of the same name.</summary>
    public static IEnumerable<KeyValuePair<string, ReferenceExpression>> CombineProperties(
        this IResourceWithConnectionString source, IEnumerable<KeyValuePair<string, ReferenceExpression>> additional)
    {
        var combined = source.GetConnectionProperties().ToDictionary(p => p.Key, p => p.Value, StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in additional)
        {
            combined[key] = value;
        }

        return combined;
    }
}
