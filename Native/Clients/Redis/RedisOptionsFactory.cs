using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using StackExchange.Redis.Configuration;

namespace Aspire.StackExchange.Redis;

/// <summary>
/// Starts <see cref="ConfigurationOptions"/> from the connection string: it can only be parsed into a new object, and whatever
/// others configure must come after it.
/// </summary>
internal sealed class RedisOptionsFactory(
    IServiceProvider services,
    IEnumerable<IConfigureOptions<ConfigurationOptions>> setups,
    IEnumerable<IPostConfigureOptions<ConfigurationOptions>> postConfigures,
    IEnumerable<IValidateOptions<ConfigurationOptions>> validations)
    : OptionsFactory<ConfigurationOptions>(setups, postConfigures, validations)
{
    protected override ConfigurationOptions CreateInstance(string name)
    {
        var connectionString = services.GetKeyedService<ConnectionSource>(name)?.Settings.ConnectionString;
        var options = connectionString is null ? new ConfigurationOptions() : ConfigurationOptions.Parse(connectionString);
        if (options.Defaults.GetType() == typeof(DefaultOptionsProvider))
        {
            options.Defaults = new PatientDefaults();
        }

        return options;
    }

    /// <summary>Which settings belong to which options.</summary>
    internal sealed record ConnectionSource(StackExchangeRedisSettings Settings);

    /// <summary>A Redis that is not there yet is waited for: services and Redis start together.</summary>
    private sealed class PatientDefaults : DefaultOptionsProvider
    {
        public override bool AbortOnConnectFail => false;
    }
}
