using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

public class EndpointReferenceExpression(EndpointReference endpointReference, EndpointProperty property) : IExpressionValue, IValueWithReferences
{
    public EndpointReference Endpoint { get; } = endpointReference ?? throw new ArgumentNullException(nameof(endpointReference));

    public EndpointProperty Property { get; } = property;

    public string ValueExpression => Endpoint.ExpressionOf(Property);

    IEnumerable<object> IValueWithReferences.References => [Endpoint];

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => GetValueAsync(new ValueProviderContext(), cancellationToken);

    public async ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var endpoint = Endpoint.EndpointAnnotation;
        switch (Property)
        {
            case EndpointProperty.Scheme:
                return endpoint.UriScheme;
            case EndpointProperty.TlsEnabled:
                return endpoint.TlsEnabled ? bool.TrueString : bool.FalseString;
            case EndpointProperty.TargetPort when context.TargetPorts is { } ports && ports.TryGetValue(endpoint, out var own):
                return own.ToString(CultureInfo.InvariantCulture);
            default:
                break;
        }

        var allocated = await endpoint.Allocation.GetValueAsync(cancellationToken);
        return Property switch
        {
            EndpointProperty.Url => allocated.UriString,
            EndpointProperty.Host => allocated.Address,
            EndpointProperty.IPV4Host => "127.0.0.1",
            EndpointProperty.Port => allocated.Port.ToString(CultureInfo.InvariantCulture),
            EndpointProperty.HostAndPort => allocated.EndPointString,
            EndpointProperty.TargetPort => (endpoint.TargetPort ?? allocated.Port).ToString(CultureInfo.InvariantCulture),
            _ => throw new InvalidOperationException($"An endpoint has no property '{Property}'."),
        };
    }
}
