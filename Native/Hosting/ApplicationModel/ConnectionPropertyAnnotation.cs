namespace Aspire.Hosting.ApplicationModel;

public sealed class ConnectionPropertyAnnotation(string name, ReferenceExpression referenceExpression) : IResourceAnnotation
{
    public string Name { get; } = name ?? throw new ArgumentNullException(nameof(name));

    public ReferenceExpression Value { get; } = referenceExpression ?? throw new ArgumentNullException(nameof(referenceExpression));
}
