namespace Dashboard.Telemetry;

/// <summary>
/// One object for texts that come again and again: attribute names, categories, routes. A table of fixed size in which a text replaces whatever was
/// in its place, so it never grows. Slots are read and written without a lock: a torn race costs one text that is not shared, nothing else.
/// </summary>
internal sealed class TextPool
{
    private const int Slots = 1 << 13;

    /// <summary>Longer texts are rarely the same twice.</summary>
    private const int MaxLength = 128;

    private readonly string?[] _slots = new string?[Slots];

    public string Share(string text)
    {
        if (text.Length == 0)
        {
            return string.Empty;
        }

        if (text.Length > MaxLength)
        {
            return text;
        }

        ref var slot = ref _slots[text.GetHashCode(StringComparison.Ordinal) & (Slots - 1)];
        if (slot is { } known && known == text)
        {
            return known;
        }

        slot = text;
        return text;
    }
}
