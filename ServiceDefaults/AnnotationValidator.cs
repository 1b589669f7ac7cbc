using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ServiceDefaults;

/// <summary>Checks data annotations and names the configuration path of each value that breaks one: <c>Drain:Delay</c>, not <c>Delay</c>.</summary>
internal sealed class AnnotationValidator<T>(string name, string section) : IValidateOptions<T>
    where T : class
{
    public ValidateOptionsResult Validate(string? optionsName, T options)
    {
        if (!string.Equals(optionsName ?? Options.DefaultName, name, StringComparison.Ordinal))
        {
            return ValidateOptionsResult.Skip;
        }

        var results = new List<ValidationResult>();
        var context = new ValidationContext(options);
        if (Validator.TryValidateObject(options, context, results, validateAllProperties: true))
        {
            return ValidateOptionsResult.Success;
        }

        // The framework asks for the rules across members only once every annotation holds; an operator who fixes a file wants all errors at once.
        if (options is IValidatableObject whole)
        {
            results = [.. results.Union(whole.Validate(context).OfType<ValidationResult>(), SameMessage.Instance)];
        }

        return ValidateOptionsResult.Fail(results.Select(result =>
            $"{string.Join(", ", result.MemberNames.DefaultIfEmpty("").Select(Path))}: {result.ErrorMessage}"));
    }

    private sealed class SameMessage : IEqualityComparer<ValidationResult>
    {
        public static readonly SameMessage Instance = new();

        public bool Equals(ValidationResult? x, ValidationResult? y) => Text(x) == Text(y);

        public int GetHashCode(ValidationResult obj) => Text(obj).GetHashCode(StringComparison.Ordinal);

        private static string Text(ValidationResult? result) => $"{string.Join(",", result?.MemberNames ?? [])}:{result?.ErrorMessage}";
    }

    private string Path(string member) => member.Length == 0 ? section : $"{section}:{member}";
}
