namespace Aspire.Hosting.ApplicationModel;

/// <summary>Something that stands in a manifest as an expression such as <c>{redis.connectionString}</c>.</summary>
public interface IManifestExpressionProvider
{
    string ValueExpression { get; }
}
