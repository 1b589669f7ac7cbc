using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.ApplicationModel;

public class EnvironmentCallbackContext
{
    private readonly IResource? _resource;

    public EnvironmentCallbackContext(
        DistributedApplicationExecutionContext executionContext,
        Dictionary<string, object>? environmentVariables = null,
        CancellationToken cancellationToken = default)
    {
        ExecutionContext = executionContext;
        EnvironmentVariables = environmentVariables ?? [];
        CancellationToken = cancellationToken;
    }

    public EnvironmentCallbackContext(
        DistributedApplicationExecutionContext executionContext,
        IResource resource,
        Dictionary<string, object>? environmentVariables = null,
        CancellationToken cancellationToken = default)
        : this(executionContext, environmentVariables, cancellationToken) => _resource = resource;

    public Dictionary<string, object> EnvironmentVariables { get; }

    public CancellationToken CancellationToken { get; }

    public DistributedApplicationExecutionContext ExecutionContext { get; }

    public IResource Resource => _resource ?? throw new InvalidOperationException("This context was created without a resource.");

    public ILogger Logger { get; set; } = NullLogger.Instance;
}
