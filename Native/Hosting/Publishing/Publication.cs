using System.Text.Encodings.Web;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Publishing;

/// <summary>Whether the command line asks for a manifest instead of a run, and writing it.</summary>
internal static class Publication
{
    private const string Manifest = "manifest";
    private const string ManifestStep = "publish-manifest";

    public static DistributedApplicationExecutionContext Requested(IConfiguration configuration)
    {
        var operation = configuration["AppHost:Operation"];
        var publisher = configuration["Publishing:Publisher"];
        var step = configuration["Pipeline:Step"];
        if (operation is null or "run" && publisher is null && step is null)
        {
            return new DistributedApplicationExecutionContext(DistributedApplicationOperation.Run);
        }

        return (operation ?? "publish") != "publish"
            ? throw new DistributedApplicationException($"The operation '{operation}' is unknown: this engine knows 'run' and 'publish'.")
            : new DistributedApplicationExecutionContext(DistributedApplicationOperation.Publish, publisher ?? Manifest);
    }

    public static async Task PublishAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        var execution = services.GetRequiredService<DistributedApplicationExecutionContext>();
        if (execution.PublisherName != Manifest || configuration["Pipeline:Step"] is not (null or ManifestStep))
        {
            throw new DistributedApplicationException(
                $"This engine publishes manifests only: --publisher {Manifest} --output-path <file>, or --operation publish --step {ManifestStep}.");
        }

        var path = Path.GetFullPath(configuration["Publishing:OutputPath"] ?? "aspire-manifest.json");
        if (Directory.Exists(path))
        {
            path = Path.Combine(path, "aspire-manifest.json");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using (var file = File.Create(path))
        await using (var writer = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            await new ManifestPublishingContext(execution, path, writer, cancellationToken)
                .WriteModelAsync(services.GetRequiredService<DistributedApplicationModel>());
        }

        Console.WriteLine($"Published manifest to: {path}");
    }
}
