namespace Aspire.Hosting.ApplicationModel;

public class RedisResource(string name) : ContainerResource(name), IResourceWithConnectionString
{
    internal const string PrimaryEndpointName = "tcp";
    private EndpointReference? _primaryEndpoint;

    public RedisResource(string name, ParameterResource password)
        : this(name) => PasswordParameter = password;

    public EndpointReference PrimaryEndpoint => _primaryEndpoint ??= new EndpointReference(this, PrimaryEndpointName);

    public ParameterResource? PasswordParameter { get; internal set; }

    public EndpointReferenceExpression Host => PrimaryEndpoint.Property(EndpointProperty.Host);

    public EndpointReferenceExpression Port => PrimaryEndpoint.Property(EndpointProperty.Port);

    public bool TlsEnabled => PrimaryEndpoint.TlsEnabled;

    public ReferenceExpression ConnectionStringExpression
    {
        get
        {
            if (this.TryGetLastAnnotation<ConnectionStringRedirectAnnotation>(out var other))
            {
                return other.Resource.ConnectionStringExpression;
            }

            var text = new ReferenceExpressionBuilder();
            text.Append($"{Host}:{Port}");
            if (PasswordParameter is not null)
            {
                text.Append($",password={PasswordParameter}");
            }

            return text.Build();
        }
    }

    public ReferenceExpression UriExpression
    {
        get
        {
            var uri = new ReferenceExpressionBuilder();
            uri.Append($"{PrimaryEndpoint.Property(EndpointProperty.Scheme)}://");
            if (PasswordParameter is not null)
            {
                uri.Append($":{PasswordParameter:uri}@");
            }

            uri.Append($"{Host}:{Port}");
            return uri.Build();
        }
    }

    public ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) =>
        ConnectionStringExpression.GetValueAsync(cancellationToken);

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties()
    {
        yield return new("Host", ReferenceExpression.Create($"{Host}"));
        yield return new("Port", ReferenceExpression.Create($"{Port}"));
        if (PasswordParameter is not null)
        {
            yield return new("Password", ReferenceExpression.Create($"{PasswordParameter}"));
        }

        yield return new("Uri", UriExpression);
    }
}
