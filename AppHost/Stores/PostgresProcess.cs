namespace AppHost.Stores;

/// <summary>PostgreSQL as a process of this machine; the orchestrator starts, stops and shows it like any executable.</summary>
internal sealed class PostgresProcess(string name, string command, string folder, ParameterResource password)
    : ExecutableResource(name, command, folder), IResourceWithConnectionString
{
    public const string User = "postgres";
    public const string EndpointName = "tcp";

    public EndpointReference Endpoint => field ??= new EndpointReference(this, EndpointName);

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"Host={Endpoint.Property(EndpointProperty.Host)};Port={Endpoint.Property(EndpointProperty.Port)};Username={User};Password={password}");
}

/// <summary>A database of it, created when the server is ready.</summary>
internal sealed class PostgresProcessDatabase(string name, PostgresProcess parent)
    : Resource(name), IResourceWithParent<PostgresProcess>, IResourceWithConnectionString
{
    public PostgresProcess Parent => parent;

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{parent};Database={Name}");
}
