namespace Aspire.Hosting.ApplicationModel;

public class ParameterResource : Resource, IResourceWithoutLifetime, IExpressionValue
{
    private readonly Lazy<string> _value;

    public ParameterResource(string name, Func<ParameterDefault?, string> callback, bool secret = false)
        : base(name)
    {
        ArgumentNullException.ThrowIfNull(callback);
        Secret = secret;
        _value = new Lazy<string>(() => callback(Default));
    }

    public bool Secret { get; }

    public ParameterDefault? Default { get; set; }

    public string? Description { get; set; }

    public bool EnableDescriptionMarkdown { get; set; }

    public bool IsConnectionString { get; set; }

    public string ValueExpression => IsConnectionString ? $"{{{Name}.connectionString}}" : $"{{{Name}.value}}";

    internal string CurrentValue => _value.Value;

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => new(_value.Value);

    public ValueTask<string?> GetValueAsync(ValueProviderContext _, CancellationToken cancellationToken) => new(_value.Value);
}
