namespace Dashboard.Telemetry;

/// <summary>A condition on an attribute as a person types it: <c>key=value</c>, <c>key!=value</c>, <c>key~part</c>, or <c>key</c> alone for "has it".</summary>
public sealed record AttributeCondition(string Key, AttributeCondition.Comparison How, string Value)
{
    public enum Comparison
    {
        Exists,
        Equal,
        NotEqual,
        Contains,
    }

    public static AttributeCondition? Parse(string text)
    {
        var trimmed = text.Trim();
        var at = trimmed.AsSpan().IndexOfAny('=', '~');
        if (at < 0)
        {
            return trimmed.Length == 0 ? null : new(trimmed, Comparison.Exists, string.Empty);
        }

        var value = trimmed[(at + 1)..].Trim();
        var (key, how) = trimmed[at] switch
        {
            '~' => (trimmed[..at], Comparison.Contains),
            _ when at > 0 && trimmed[at - 1] == '!' => (trimmed[..(at - 1)], Comparison.NotEqual),
            _ => (trimmed[..at], Comparison.Equal),
        };
        key = key.Trim();
        return key.Length == 0 ? null : new(key, how, value);
    }

    public bool Holds(Tag[] tags)
    {
        var value = tags.ValueOf(Key);
        return How switch
        {
            Comparison.Exists => value is not null,
            Comparison.Equal => string.Equals(value, Value, StringComparison.OrdinalIgnoreCase),
            Comparison.NotEqual => !string.Equals(value, Value, StringComparison.OrdinalIgnoreCase),
            _ => value?.Contains(Value, StringComparison.OrdinalIgnoreCase) ?? false,
        };
    }

    public override string ToString() => How switch
    {
        Comparison.Exists => Key,
        Comparison.Equal => $"{Key}={Value}",
        Comparison.NotEqual => $"{Key}!={Value}",
        _ => $"{Key}~{Value}",
    };
}
