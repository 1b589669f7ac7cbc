namespace Aspire.Hosting;

/// <summary>Whether the application model is about to be run or published.</summary>
public class DistributedApplicationExecutionContext
{
    public DistributedApplicationExecutionContext(DistributedApplicationOperation operation)
        : this(operation, "manifest")
    {
    }

    public DistributedApplicationExecutionContext(DistributedApplicationOperation operation, string publisherName)
    {
        Operation = operation;
        PublisherName = publisherName;
    }

    public string PublisherName { get; set; }

    public DistributedApplicationOperation Operation { get; }

    public bool IsPublishMode => Operation == DistributedApplicationOperation.Publish;

    public bool IsRunMode => Operation == DistributedApplicationOperation.Run;

    public IServiceProvider Services => BuiltServices ?? throw new InvalidOperationException("The services exist once the application is built.");

    internal IServiceProvider? BuiltServices { get; set; }
}
