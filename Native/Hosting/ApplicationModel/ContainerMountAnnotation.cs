namespace Aspire.Hosting.ApplicationModel;

public sealed class ContainerMountAnnotation : IResourceAnnotation
{
    public ContainerMountAnnotation(string? source, string target, ContainerMountType type, bool isReadOnly)
    {
        if (type == ContainerMountType.BindMount && string.IsNullOrEmpty(source))
        {
            throw new ArgumentException("A bind mount needs a source.", nameof(source));
        }

        Source = source;
        Target = target;
        Type = type;
        IsReadOnly = isReadOnly;
    }

    public string? Source { get; }

    public string Target { get; }

    public ContainerMountType Type { get; }

    public bool IsReadOnly { get; }
}
