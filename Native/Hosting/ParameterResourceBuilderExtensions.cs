using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Engine;

namespace Aspire.Hosting;

public static class ParameterResourceBuilderExtensions
{
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false) =>
        builder.AddResource(new ParameterResource(name, value => FromConfiguration(builder, name, value), secret));

    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, string value, bool publishValueAsDefault = false, bool secret = false) =>
        builder.AddParameter(name, () => value, publishValueAsDefault, secret);

    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, Func<string> valueGetter, bool publishValueAsDefault = false, bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(valueGetter);
        return publishValueAsDefault && secret
            ? throw new ArgumentException("A secret is not written into a manifest.", nameof(secret))
            : builder.AddResource(new ParameterResource(name, _ => valueGetter(), secret)
            {
                Default = publishValueAsDefault ? new ConstantParameterDefault(valueGetter) : null,
            });
    }

    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret = false, bool persist = false)
    {
        ArgumentNullException.ThrowIfNull(value);
        var actual = persist && builder.ExecutionContext.IsRunMode ? new KeptParameterDefault(SecretsOf(builder), name, value) : value;
        return builder.AddResource(new ParameterResource(name, d => FromConfiguration(builder, name, d), secret) { Default = actual });
    }

    public static IResourceBuilder<ParameterResource> AddParameterFromConfiguration(
        this IDistributedApplicationBuilder builder, string name, string configurationKey, bool secret = false) =>
        builder.AddResource(new ParameterResource(name, value => FromConfiguration(builder, name, value, configurationKey), secret));

    public static IResourceBuilder<ParameterResource> WithDescription(
        this IResourceBuilder<ParameterResource> builder, string description, bool enableMarkdown = false)
    {
        builder.Resource.Description = description;
        builder.Resource.EnableDescriptionMarkdown = enableMarkdown;
        return builder;
    }

    public static ParameterResource CreateDefaultPasswordParameter(
        IDistributedApplicationBuilder builder,
        string name,
        bool lower = true,
        bool upper = true,
        bool numeric = true,
        bool special = true,
        int minLower = 0,
        int minUpper = 0,
        int minNumeric = 0,
        int minSpecial = 0) => CreateGeneratedParameter(builder, name, secret: true, new GenerateParameterDefault
        {
            // 22 characters of this alphabet are more than 128 bits.
            MinLength = 22,
            Lower = lower,
            Upper = upper,
            Numeric = numeric,
            Special = special,
            MinLower = minLower,
            MinUpper = minUpper,
            MinNumeric = minNumeric,
            MinSpecial = minSpecial,
        });

    public static ParameterResource CreateGeneratedParameter(
        IDistributedApplicationBuilder builder, string name, bool secret, GenerateParameterDefault parameterDefault)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return new ParameterResource(name, d => FromConfiguration(builder, name, d), secret)
        {
            Default = builder.ExecutionContext.IsRunMode ? new KeptParameterDefault(SecretsOf(builder), name, parameterDefault) : parameterDefault,
        };
    }

    public static ParameterResource CreateParameter(IDistributedApplicationBuilder builder, string name, bool secret) =>
        new(name, d => FromConfiguration(builder, name, d), secret);

    private static string FromConfiguration(IDistributedApplicationBuilder builder, string name, ParameterDefault? value, string? key = null)
    {
        key ??= $"Parameters:{name}";
        return builder.Configuration[key]
            ?? builder.Configuration[key.Replace('-', '_')]
            ?? value?.GetDefaultValue()
            ?? throw new MissingParameterValueException(
                $"The parameter '{name}' has no value. Set it, for example with the environment variable {key.Replace(":", "__", StringComparison.Ordinal)}.");
    }

    private static SecretsFile SecretsOf(IDistributedApplicationBuilder builder) => ((DistributedApplicationBuilder)Unwrap(builder)).Secrets;

    private static IDistributedApplicationBuilder Unwrap(IDistributedApplicationBuilder builder) =>
        builder is Testing.TestingBuilder testing ? testing.Inner : builder;
}
