using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Aspire.Hosting.ApplicationModel;

public class ReferenceExpressionBuilder
{
    private readonly StringBuilder _format = new();
    private readonly List<IValueProvider> _providers = [];
    private readonly List<string> _expressions = [];
    private readonly List<string?> _formats = [];

    public bool IsEmpty => _format.Length == 0;

    [SuppressMessage("Style", "IDE0060", Justification = "The handler has appended already, through the builder it was given.")]
    public void Append([InterpolatedStringHandlerArgument("")] in ReferenceExpressionBuilderInterpolatedStringHandler handler)
    {
    }

    public void AppendLiteral(string value) =>
        _format.Append(value.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));

    public void AppendFormatted(string? value) => AppendFormatted(value, format: null);

    public void AppendFormatted(string? value, string? format = null)
    {
        if (value is not null)
        {
            AppendLiteral(format == "uri" ? Uri.EscapeDataString(value) : value);
        }
    }

    public void AppendFormatted<T>(T valueProvider)
        where T : IValueProvider, IManifestExpressionProvider => AppendFormatted(valueProvider, format: null);

    public void AppendFormatted<T>(T valueProvider, string? format)
        where T : IValueProvider, IManifestExpressionProvider
    {
        // A nested expression without holes is plain text; one without text is nothing.
        if (valueProvider is ReferenceExpression { ValueProviders.Count: 0 } text)
        {
            _format.Append(text.Format);
            return;
        }

        _format.Append(CultureInfo.InvariantCulture, $"{{{_providers.Count}}}");
        _providers.Add(valueProvider);
        _expressions.Add(valueProvider.ValueExpression);
        _formats.Add(format);
    }

    public ReferenceExpression Build() => new(_format.ToString(), [.. _providers], [.. _expressions], [.. _formats]);

    [InterpolatedStringHandler]
    [SuppressMessage("Performance", "CA1815", Justification = "The compiler's pattern; never compared.")]
    [SuppressMessage("Style", "IDE0060", Justification = "The compiler's pattern.")]
    public ref struct ReferenceExpressionBuilderInterpolatedStringHandler
    {
        private readonly ReferenceExpressionBuilder _builder;

        public ReferenceExpressionBuilderInterpolatedStringHandler(int literalLength, int formattedCount, ReferenceExpressionBuilder builder) =>
            _builder = builder;

        public void AppendLiteral(string value) => _builder.AppendLiteral(value);

        public void AppendFormatted(string? value) => _builder.AppendFormatted(value);

        public void AppendFormatted(string? value, string format) => _builder.AppendFormatted(value, format);

        public void AppendFormatted<T>(T valueProvider)
            where T : IValueProvider, IManifestExpressionProvider => _builder.AppendFormatted(valueProvider);

        public void AppendFormatted<T>(T valueProvider, string? format)
            where T : IValueProvider, IManifestExpressionProvider => _builder.AppendFormatted(valueProvider, format);

        public void AppendFormatted<T>(IResourceBuilder<T> valueProvider)
            where T : IResource, IValueProvider, IManifestExpressionProvider => _builder.AppendFormatted(valueProvider.Resource);

        public void AppendFormatted<T>(IResourceBuilder<T> valueProvider, string? format)
            where T : IResource, IValueProvider, IManifestExpressionProvider => _builder.AppendFormatted(valueProvider.Resource, format);
    }
}
