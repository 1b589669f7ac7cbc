using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.Engine;

/// <summary>A generated value that stays the same from run to run: data that was encrypted or a server that was set up with it needs it again.</summary>
internal sealed class KeptParameterDefault(SecretsFile secrets, string name, ParameterDefault inner) : ParameterDefault
{
    public override string GetDefaultValue() => secrets.GetOrAdd($"Parameters:{name}", inner.GetDefaultValue);

    public override void WriteToManifest(ManifestPublishingContext context) => inner.WriteToManifest(context);
}
