using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Engine.Dashboards;

/// <summary>
/// Which values are not to be shown before somebody asks: connection strings, whatever contains the value of a secret parameter (a password in a URI
/// too), and what its name calls a secret.
/// </summary>
internal sealed class Secrets(DistributedApplicationModel model, DashboardPlan plan)
{
    /// <summary>A shorter secret would mask half of everything, and is none.</summary>
    private const int ShortestSecret = 6;
    private static readonly string[] Telling =
        ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "APIKEY", "API_KEY", "API-KEY", "PRIVATEKEY", "PRIVATE_KEY", "CREDENTIAL", "OTLP_HEADERS", "CONNECTIONSTRING"];

    // Parameters do not change while an application runs, but some get their values late; so they are read anew.
    public Func<string, string?, bool> Test()
    {
        var values = Parameters().Select(ValueOf).OfType<string>().Where(v => v.Length >= ShortestSecret)
            .SelectMany(v => (string[])[v, Uri.EscapeDataString(v)]).Append(plan.OtlpKey).Distinct(StringComparer.Ordinal).ToArray();
        return (name, value) => IsTelling(name)
            || (value is not null && values.Any(v => value.Contains(v, StringComparison.Ordinal)));
    }

    private static bool IsTelling(string name) => name.StartsWith("ConnectionStrings__", StringComparison.OrdinalIgnoreCase)
        || Telling.Any(t => name.Contains(t, StringComparison.OrdinalIgnoreCase));

    private static string? ValueOf(ParameterResource parameter)
    {
        try
        {
            return parameter.CurrentValue;
        }
        catch (MissingParameterValueException)
        {
            return null;
        }
    }

    private IEnumerable<ParameterResource> Parameters() => model.Resources.OfType<ParameterResource>()
        .Concat(model.Resources.OfType<PostgresServerResource>().Select(p => p.PasswordParameter))
        .Concat(model.Resources.OfType<RedisResource>().Select(r => r.PasswordParameter).OfType<ParameterResource>())
        .Where(p => p.Secret)
        .Distinct();
}
