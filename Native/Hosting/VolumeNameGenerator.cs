using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static class VolumeNameGenerator
{
    /// <summary>A name that is this AppHost's own: two AppHosts of the same name in different folders do not share their data.</summary>
    public static string Generate<T>(IResourceBuilder<T> builder, string suffix)
        where T : IResource
    {
        var application = string.Concat(builder.ApplicationBuilder.Environment.ApplicationName.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '_'));
        var hash = builder.ApplicationBuilder.Configuration["AppHost:Sha256"]![..10];
        return $"{application}-{hash}-{builder.Resource.Name}-{suffix}".ToLowerInvariant();
    }
}
