using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ServiceDefaults;

/// <summary>Options that are bound, validated by their annotations, and checked before the service starts.</summary>
public static class OptionsExtensions
{
    /// <summary>
    /// Binds <paramref name="section"/> to <typeparamref name="T"/>. A wrong value ends the start with a message that names its
    /// configuration path, all wrong values at once.
    /// </summary>
    /// <param name="builder">Where to register.</param>
    /// <param name="section">Configuration path, such as <c>Drain</c>.</param>
    /// <param name="defaults">Defaults that depend on the environment; configuration overrides them.</param>
    public static OptionsBuilder<T> AddValidatedOptions<T>(this IHostApplicationBuilder builder, string section, Action<T>? defaults = null)
        where T : class =>
        builder.AddValidatedOptions(Options.DefaultName, section, defaults);

    internal static OptionsBuilder<T> AddValidatedOptions<T>(
        this IHostApplicationBuilder builder, string name, string section, Action<T>? defaults = null)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = builder.Services.AddOptions<T>(name);
        if (defaults is not null)
        {
            options.Configure(defaults);
        }

        options.Bind(builder.Configuration.GetSection(section)).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<T>>(new AnnotationValidator<T>(name, section));
        return options;
    }
}
