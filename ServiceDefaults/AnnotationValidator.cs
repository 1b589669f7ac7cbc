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
        if (Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true))
        {
            return ValidateOptionsResult.Success;
        }

        return ValidateOptionsResult.Fail(results.Select(result =>
            $"{string.Join(", ", result.MemberNames.DefaultIfEmpty("").Select(Path))}: {result.ErrorMessage}"));
    }

    private string Path(string member) => member.Length == 0 ? section : $"{section}:{member}";
}
