namespace Dashboard.Telemetry;

/// <summary>Estimates of what things take in memory. Texts that the pool shares count too: it is better to keep a little less than promised.</summary>
internal static class Weight
{
    public const int Object = 24;

    public static int Of(string? text) => text is null || text.Length == 0 ? 0 : Object + (text.Length * sizeof(char));

    public static int Of(Tag[] tags)
    {
        var sum = tags.Length == 0 ? 0 : Object + (tags.Length * 2 * IntPtr.Size);
        foreach (var tag in tags)
        {
            sum += Of(tag.Value);
        }

        return sum;
    }
}
