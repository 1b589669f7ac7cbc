using Aspire.Hosting.Engine;

namespace Aspire.Hosting.ApplicationModel;

public sealed class EndpointReference : IExpressionValue, IValueWithReferences
{
    private readonly EndpointAnnotation? _known;
    private EndpointAnnotation? _found;

    public EndpointReference(IResourceWithEndpoints owner, EndpointAnnotation endpoint)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(endpoint);
        Resource = owner;
        EndpointName = endpoint.Name;
        _known = endpoint;
    }

    public EndpointReference(IResourceWithEndpoints owner, string endpointName)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(endpointName);
        Resource = owner;
        EndpointName = endpointName;
    }

    public IResourceWithEndpoints Resource { get; }

    public string EndpointName { get; }

    public bool Exists => Find() is not null;

    public EndpointAnnotation EndpointAnnotation => Find()
        ?? throw new InvalidOperationException($"The resource '{Resource.Name}' has no endpoint named '{EndpointName}'.");

    public bool IsAllocated => Find()?.AllocatedEndpoint is not null;

    public bool IsHttp => Scheme == "http";

    public bool IsHttps => Scheme == "https";

    public bool IsHttpSchemeNamedEndpoint => EndpointName is "http" or "https";

    public bool ExcludeReferenceEndpoint => EndpointAnnotation.ExcludeReferenceEndpoint;

    public bool TlsEnabled => EndpointAnnotation.TlsEnabled;

    public string Scheme => EndpointAnnotation.UriScheme;

    public int? TargetPort => EndpointAnnotation.TargetPort;

    public string Host => Allocated.Address;

    public int Port => Allocated.Port;

    public string Url => Allocated.UriString;

    string IManifestExpressionProvider.ValueExpression => ExpressionOf(EndpointProperty.Url);

    IEnumerable<object> IValueWithReferences.References => [Resource];

    private AllocatedEndpoint Allocated => EndpointAnnotation.AllocatedEndpoint
        ?? throw new InvalidOperationException($"The endpoint '{EndpointName}' of the resource '{Resource.Name}' is not allocated yet.");

    public EndpointReferenceExpression Property(EndpointProperty property) => new(this, property);

    /// <summary>One of two expressions, by whether the endpoint uses TLS when the value is asked for.</summary>
    public ReferenceExpression GetTlsValue(ReferenceExpression enabledValue, ReferenceExpression disabledValue) =>
        TlsEnabled ? enabledValue : disabledValue;

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
        Property(EndpointProperty.Url).GetValueAsync(cancellationToken);

    public ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default) =>
        Property(EndpointProperty.Url).GetValueAsync(context, cancellationToken);

    internal string ExpressionOf(EndpointProperty property)
    {
        var name = property switch
        {
            EndpointProperty.Url => "url",
            EndpointProperty.Host or EndpointProperty.IPV4Host => "host",
            EndpointProperty.Port => "port",
            EndpointProperty.Scheme => "scheme",
            EndpointProperty.TargetPort => "targetPort",
            EndpointProperty.TlsEnabled => "tlsEnabled",
            _ => null,
        };
        return name is null
            ? $"{{{Resource.Name}.bindings.{EndpointName}.host}}:{{{Resource.Name}.bindings.{EndpointName}.port}}"
            : $"{{{Resource.Name}.bindings.{EndpointName}.{name}}}";
    }

    private EndpointAnnotation? Find() => _known
        ?? (_found ??= Resource.Annotations.OfType<EndpointAnnotation>().FirstOrDefault(e => ResourceNames.Same(e.Name, EndpointName)));
}
