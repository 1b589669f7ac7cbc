using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.ApplicationModel;

public sealed class CommandLineArgsCallbackContext
{
    private readonly IResource? _resource;

    public CommandLineArgsCallbackContext(IList<object> args, CancellationToken cancellationToken = default)
    {
        Args = args;
        CancellationToken = cancellationToken;
    }

    public CommandLineArgsCallbackContext(IList<object> args, IResource resource, CancellationToken cancellationToken = default)
        : this(args, cancellationToken) => _resource = resource;

    public IList<object> Args { get; }

    public IResource Resource => _resource ?? throw new InvalidOperationException("This context was created without a resource.");

    public CancellationToken CancellationToken { get; }

    public DistributedApplicationExecutionContext ExecutionContext { get; init; } = new(DistributedApplicationOperation.Run);

    public ILogger Logger { get; init; } = NullLogger.Instance;
}
