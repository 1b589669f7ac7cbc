namespace Dashboard.Telemetry;

/// <summary>An attribute. Values are text: what is shown and searched is text.</summary>
public readonly record struct Tag(string Key, string Value);

internal static class TagExtensions
{
    public static string? ValueOf(this Tag[] tags, string key)
    {
        foreach (var tag in tags)
        {
            if (tag.Key == key)
            {
                return tag.Value;
            }
        }

        return null;
    }
}
