using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Microsoft.Extensions.Options;
using ServiceDefaults;

namespace Fileman.Blobs;

internal static class BlobsExtensions
{
    public static void AddBlobs(this IHostApplicationBuilder builder)
    {
        builder.AddValidatedOptions<BlobOptions>(BlobOptions.Section);
        builder.Services.AddSingleton<DiskWatermark>();
        builder.Services.AddSingleton(static services =>
        {
            var options = services.GetRequiredService<IOptions<BlobOptions>>().Value;
            return options.Store switch
            {
                BlobStoreKind.S3 => CreateS3(options),
                _ => CreateFolder(options, services.GetRequiredService<IHostEnvironment>()),
            };
        });
    }

    /// <summary>Also used by tests, so that what they test is what runs.</summary>
    public static IBlobStore CreateS3(BlobOptions options)
    {
        var config = new AmazonS3Config
        {
            ForcePathStyle = options.ForcePathStyle,
            Timeout = options.Timeout,
            MaxErrorRetry = options.MaxRetries,
            // Compatible servers know the classic protocol; SHA-256 of the content is ours to keep anyway.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (options.ServiceUrl is { } url)
        {
            config.ServiceURL = url.ToString();
            config.AuthenticationRegion = options.Region;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region);
        }

        var client = options.AccessKey is { } key
            ? new AmazonS3Client(new BasicAWSCredentials(key, options.SecretKey), config)
            : new AmazonS3Client(config);
        return new S3BlobStore(client, options.Bucket!, options.PartBytes);
    }

    private static IBlobStore CreateFolder(BlobOptions options, IHostEnvironment environment) =>
        new FolderBlobStore(Path.GetFullPath(options.Folder, environment.ContentRootPath));
}
