using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Text with holes that are filled when the application runs, or with manifest expressions when it is published.</summary>
public class ReferenceExpression : IExpressionValue, IValueWithReferences
{
    public static readonly ReferenceExpression Empty = new(string.Empty, [], [], []);

    internal ReferenceExpression(string format, IValueProvider[] providers, string[] expressions, string?[] formats)
    {
        Format = format;
        ValueProviders = providers;
        ManifestExpressions = expressions;
        StringFormats = formats;
    }

    public string Format { get; }

    public IReadOnlyList<IValueProvider> ValueProviders { get; }

    public IReadOnlyList<string> ManifestExpressions { get; }

    public IReadOnlyList<string?> StringFormats { get; }

    public string ValueExpression => string.Format(CultureInfo.InvariantCulture, Format, [.. ManifestExpressions]);

    IEnumerable<object> IValueWithReferences.References => ValueProviders;

    public static ReferenceExpression Create(in ExpressionInterpolatedStringHandler handler) => handler.Build();

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => GetValueAsync(new ValueProviderContext(), cancellationToken);

    public async ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken)
    {
        if (Format.Length == 0)
        {
            return null;
        }

        var values = new object?[ValueProviders.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var value = await ValueProviders[i].GetValueAsync(context, cancellationToken);
            values[i] = StringFormats[i] == "uri" && value is not null ? Uri.EscapeDataString(value) : value;
        }

        return string.Format(CultureInfo.InvariantCulture, Format, values);
    }

    [InterpolatedStringHandler]
    [SuppressMessage("Performance", "CA1815", Justification = "The compiler's pattern; never compared.")]
    public ref struct ExpressionInterpolatedStringHandler(int literalLength, int formattedCount)
    {
        private readonly StringBuilder _format = new(literalLength + (formattedCount * 4));
        private readonly List<IValueProvider> _providers = new(formattedCount);
        private readonly List<string> _expressions = new(formattedCount);
        private readonly List<string?> _formats = new(formattedCount);

        public readonly void AppendLiteral(string value) =>
            _format.Append(value.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));

        public readonly void AppendFormatted(string? value) => AppendFormatted(value, format: null);

        public readonly void AppendFormatted(string? value, string? format = null)
        {
            if (value is not null)
            {
                AppendLiteral(format == "uri" ? Uri.EscapeDataString(value) : value);
            }
        }

        public void AppendFormatted<T>(T valueProvider)
            where T : IValueProvider, IManifestExpressionProvider => AppendFormatted(valueProvider, format: null);

        public void AppendFormatted<T>(T valueProvider, string? format = null)
            where T : IValueProvider, IManifestExpressionProvider
        {
            _format.Append(CultureInfo.InvariantCulture, $"{{{_providers.Count}}}");
            _providers.Add(valueProvider);
            _expressions.Add(valueProvider.ValueExpression);
            _formats.Add(format);
        }

        public void AppendFormatted<T>(IResourceBuilder<T> valueProvider)
            where T : IResource, IValueProvider, IManifestExpressionProvider => AppendFormatted(valueProvider.Resource, format: null);

        public void AppendFormatted<T>(IResourceBuilder<T> valueProvider, string? format = null)
            where T : IResource, IValueProvider, IManifestExpressionProvider => AppendFormatted(valueProvider.Resource, format);

        internal readonly ReferenceExpression Build() => new(_format.ToString(), [.. _providers], [.. _expressions], [.. _formats]);
    }
}
