using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>What a manifest says about containers. Nothing of it has a meaning for local processes but a volume's name.</summary>
public static class ContainerResourceBuilderExtensions
{
    public static IResourceBuilder<T> WithImage<T>(this IResourceBuilder<T> builder, string image, string? tag = null)
        where T : ContainerResource
    {
        ArgumentException.ThrowIfNullOrEmpty(image);
        if (builder.Resource.TryGetLastAnnotation<ContainerImageAnnotation>(out var known))
        {
            known.Image = image;
            known.Tag = tag ?? known.Tag ?? "latest";
            return builder;
        }

        return builder.WithAnnotation(new ContainerImageAnnotation { Image = image, Tag = tag ?? "latest" });
    }

    public static IResourceBuilder<T> WithImageTag<T>(this IResourceBuilder<T> builder, string tag)
        where T : ContainerResource
    {
        var image = Image(builder);
        image.Tag = tag;
        image.SHA256 = null;
        return builder;
    }

    public static IResourceBuilder<T> WithImageRegistry<T>(this IResourceBuilder<T> builder, string? registry)
        where T : ContainerResource
    {
        Image(builder).Registry = registry;
        return builder;
    }

    public static IResourceBuilder<T> WithImageSHA256<T>(this IResourceBuilder<T> builder, string sha256)
        where T : ContainerResource
    {
        var image = Image(builder);
        image.SHA256 = sha256;
        image.Tag = null;
        return builder;
    }

    public static IResourceBuilder<T> WithEntrypoint<T>(this IResourceBuilder<T> builder, string entrypoint)
        where T : ContainerResource
    {
        builder.Resource.Entrypoint = entrypoint;
        return builder;
    }

    public static IResourceBuilder<T> WithVolume<T>(this IResourceBuilder<T> builder, string? name, string target, bool isReadOnly = false)
        where T : ContainerResource => builder.WithAnnotation(new ContainerMountAnnotation(name, target, ContainerMountType.Volume, isReadOnly));

    public static IResourceBuilder<T> WithLifetime<T>(this IResourceBuilder<T> builder, ContainerLifetime lifetime)
        where T : ContainerResource =>
        builder.WithAnnotation(new ContainerLifetimeAnnotation { Lifetime = lifetime }, ResourceAnnotationMutationBehavior.Replace);

    private static ContainerImageAnnotation Image<T>(IResourceBuilder<T> builder)
        where T : ContainerResource => builder.Resource.TryGetLastAnnotation<ContainerImageAnnotation>(out var image)
            ? image
            : throw new InvalidOperationException($"The resource '{builder.Resource.Name}' has no container image.");
}
