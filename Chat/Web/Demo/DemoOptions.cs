using Microsoft.Extensions.Options;

namespace Chat.Web.Demo;

/// <summary>Demo users and rooms; configuration section <c>Demo</c>.</summary>
internal sealed class DemoOptions
{
    public const string Section = "Demo";

    /// <summary>Whether there are demo users, with a password that everybody knows.</summary>
    /// <value>Default true in Development; refused elsewhere.</value>
    public bool Enabled { get; set; }

    /// <summary>A known password must not get into a deployment by a setting that was copied along.</summary>
    public sealed class Validator(IHostEnvironment environment) : IValidateOptions<DemoOptions>
    {
        public ValidateOptionsResult Validate(string? name, DemoOptions options) => options.Enabled && !environment.IsDevelopment()
            ? ValidateOptionsResult.Fail($"{Section}:{nameof(Enabled)}: demo users have a password that everybody knows, and are for Development only.")
            : ValidateOptionsResult.Success;
    }
}
