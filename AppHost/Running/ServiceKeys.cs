using System.Security.Cryptography;
using Aspire.Hosting.Publishing;

namespace AppHost.Running;

/// <summary>
/// A key for each service, ECDSA on P-256, by which the others know it. Here they are generated once and kept in the user secrets. Deployed, they are made where the deployment keeps its secrets.
/// As connection strings, because deployment tools keep those as secrets.
/// </summary>
internal sealed class ServiceKeys
{
    /// <summary>People who operate the system; no service has this key.</summary>
    private const string OperatorName = "operator";

    private readonly IDistributedApplicationBuilder _builder;
    private readonly Dictionary<string, IResourceBuilder<ParameterResource>> _keys = new(StringComparer.Ordinal);
    private readonly IResourceBuilder<ParameterResource>? _listed;

    public ServiceKeys(IDistributedApplicationBuilder builder)
    {
        _builder = builder;
        if (builder.ExecutionContext.IsRunMode)
        {
            Operator = KeyOf(OperatorName).Resource;
        }
        else
        {
            _listed = builder.AddParameter("service-keys", new ServiceKeyDefault(), secret: true);
        }
    }

    /// <summary>The operator's key; null in publish mode.</summary>
    public ParameterResource? Operator { get; }

    /// <summary>Gives a service its own private key, if it calls others, and the public keys of all.</summary>
    public void Give(IResourceBuilder<ProjectResource> service, bool calls)
    {
        if (calls)
        {
            service.WithEnvironment("ConnectionStrings__service-key", KeyOf(service.Resource.Name));
        }

        if (_listed is not null)
        {
            service.WithEnvironment("ConnectionStrings__service-keys", _listed);
            return;
        }

        service.WithEnvironment(async context => context.EnvironmentVariables["ConnectionStrings__service-keys"] = await ListAsync(context.CancellationToken));
    }

    private IResourceBuilder<ParameterResource> KeyOf(string name)
    {
        var key = _builder.AddParameter($"{name}-key", new ServiceKeyDefault(), secret: true, persist: true);
        _keys.Add(name, key);
        return key;
    }

    /// <summary>When the environment is evaluated, every service has its key.</summary>
    private async Task<string> ListAsync(CancellationToken cancellationToken)
    {
        var entries = new List<string>();
        foreach (var (name, parameter) in _keys)
        {
            entries.Add($"{name}={PublicOf(parameter.Resource.Name, await parameter.Resource.GetValueAsync(cancellationToken) ?? string.Empty)}");
        }

        return string.Join(';', entries);
    }

    private static string PublicOf(string parameter, string privateKey)
    {
        using var key = ECDsa.Create();
        try
        {
            key.ImportPkcs8PrivateKey(Convert.FromBase64String(privateKey), out _);
        }
        catch (Exception exception) when (exception is FormatException or CryptographicException)
        {
            throw new DistributedApplicationException($"The parameter {parameter} is not a private key. 'dotnet user-secrets remove Parameters:{parameter} --project AppHost' lets the next start create a new one.", exception);
        }

        return Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());
    }

    private sealed class ServiceKeyDefault : ParameterDefault
    {
        public override string GetDefaultValue()
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            return Convert.ToBase64String(key.ExportPkcs8PrivateKey());
        }

        /// <summary>Deployment tools ask for a value where there is no default, and know no other than text: nothing is ever made of this one, as secrets are not theirs.</summary>
        public override void WriteToManifest(ManifestPublishingContext context)
        {
            context.Writer.WriteStartObject("generate");
            context.Writer.WriteNumber("minLength", 48);
            context.Writer.WriteEndObject();
        }
    }
}
