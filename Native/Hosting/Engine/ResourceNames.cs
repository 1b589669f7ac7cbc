namespace Aspire.Hosting.Engine;

/// <summary>The rule for resource and endpoint names: 1 to 64 ASCII letters, digits and single inner hyphens, starting with a letter.</summary>
internal static class ResourceNames
{
    public static void Validate(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var wellFormed = name.Length <= 64
            && char.IsAsciiLetter(name[0])
            && name[^1] != '-'
            && !name.Contains("--", StringComparison.Ordinal)
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
        if (!wellFormed)
        {
            throw new ArgumentException(
                $"The name '{name}' is not valid: 1 to 64 ASCII letters, digits and single hyphens, starting with a letter and not ending with a hyphen.", nameof(name));
        }
    }

    public static bool Same(string? a, string? b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    /// <summary>A name as part of an environment variable's name: everything but ASCII letters, digits and '_' becomes '_', and a leading digit is preceded by one.</summary>
    public static string EncodeForEnvironment(string name)
    {
        var encoded = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_'));
        return encoded.Length > 0 && char.IsAsciiDigit(encoded[0]) ? "_" + encoded : encoded;
    }
}
