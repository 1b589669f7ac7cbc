using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Fileman.Pictures;
using Microsoft.Extensions.Options;

namespace Fileman.Thumbnails;

/// <summary>Runs a <see cref="ThumbnailWorker"/> for one picture. Nothing of it is left when the call ends, however it ends.</summary>
internal sealed class WorkerProcess(IOptions<PictureOptions> options, TimeProvider time, ILogger<WorkerProcess> logger)
{
    /// <summary>Enough of what a worker says to know what was wrong.</summary>
    private const int ReasonBytes = 400;

    /// <summary>
    /// Longest CPU time that making one may take, which the kernel enforces; a picture of 50 million pixels takes a few seconds. One that takes
    /// more has no thumbnail.
    /// </summary>
    private const int MaxCpuSeconds = 15;

    private readonly PictureOptions _options = options.Value;

    /// <summary>The thumbnail, or null: the picture has none. Throws what the token and <paramref name="content"/> throw.</summary>
    public async Task<(WorkerOutcome Outcome, Thumbnail? Thumbnail)> RunAsync(Stream content, int length, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        using var process = new Process { StartInfo = Describe(length) };
        process.Start();
        try
        {
            var feed = FeedAsync(process, content, length, either.Token);
            var output = ReadAsync(process.StandardOutput.BaseStream, Thumbnail.MaxMessageBytes, either.Token);
            var reason = ReadAsync(process.StandardError.BaseStream, ReasonBytes, either.Token);
            await Task.WhenAll(feed, output, reason);
            await process.WaitForExitAsync(either.Token);
            return Judge(process.ExitCode, await output, await reason);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (WorkerOutcome.TooSlow, null);
        }
        finally
        {
            process.Kill();
        }
    }

    private (WorkerOutcome Outcome, Thumbnail? Thumbnail) Judge(int exitCode, Memory<byte> output, Memory<byte> reason)
    {
        var said = System.Text.Encoding.UTF8.GetString(reason.Span).ReplaceLineEndings(" ").Trim();
        switch (exitCode)
        {
            case 0 when Thumbnail.Read(output) is { } made:
                return (WorkerOutcome.Made, made);
            case ThumbnailWorker.NoLibrary:
                logger.NoPictureLibrary(RuntimeInformation.RuntimeIdentifier, said);
                return (WorkerOutcome.NoLibrary, null);
            case ThumbnailWorker.NoPicture:
                logger.NotDecoded(said);
                return (WorkerOutcome.NoPicture, null);
            default:
                logger.WorkerCrashed(exitCode, said);
                return (WorkerOutcome.Crashed, null);
        }
    }

    private ProcessStartInfo Describe(int length)
    {
        var start = new ProcessStartInfo { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        var worker = typeof(WorkerProcess).Assembly.Location;
        var runtime = RuntimeEnvironment.GetRuntimeDirectory();
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == Path.GetFileNameWithoutExtension(worker))
        {
            start.FileName = Environment.ProcessPath!;
        }
        else
        {
            // Started as "dotnet Fileman.dll", or hosted by a test. The runtime's folder is ROOT/shared/Microsoft.NETCore.App/VERSION.
            start.FileName = Path.GetFullPath(Path.Combine(runtime, "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
            start.ArgumentList.Add("exec");
            start.ArgumentList.Add(worker);
        }

        start.ArgumentList.Add(ThumbnailWorker.Verb);
        start.ArgumentList.Add(_options.MaxPixels.ToString(CultureInfo.InvariantCulture));
        start.ArgumentList.Add(_options.WorkerMemoryBytes.ToString(CultureInfo.InvariantCulture));
        start.ArgumentList.Add(MaxCpuSeconds.ToString(CultureInfo.InvariantCulture));
        start.ArgumentList.Add(length.ToString(CultureInfo.InvariantCulture));

        // Of our environment it gets nothing: there are keys in it. Of its own runtime little, as the memory is for the picture.
        start.Environment.Clear();
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(runtime, "..", "..", ".."));
        start.Environment["DOTNET_gcServer"] = "0";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";

        // A line for each tile that fails; why it failed is said once, at the end.
        start.Environment["VIPS_WARNING"] = "0";
        if (OperatingSystem.IsWindows())
        {
            // Without it no library loads.
            start.Environment["SystemRoot"] = Environment.GetEnvironmentVariable("SystemRoot");
        }

        return start;
    }

    private static async Task FeedAsync(Process process, Stream content, int length, CancellationToken cancellationToken)
    {
        await using var input = process.StandardInput.BaseStream;
        var buffer = new byte[64 * 1_024];
        for (var left = length; left > 0;)
        {
            var read = await content.ReadAsync(buffer.AsMemory(0, Math.Min(left, buffer.Length)), cancellationToken);
            if (read == 0)
            {
                return;
            }

            left -= read;
            try
            {
                await input.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
            catch (IOException)
            {
                // It has ended early; its exit code says why.
                return;
            }
        }
    }

    /// <summary>Up to <paramref name="most"/> bytes, and one more that says there were too many. The rest is read away, or the worker would wait for us.</summary>
    private static async Task<Memory<byte>> ReadAsync(Stream output, int most, CancellationToken cancellationToken)
    {
        var bytes = new MemoryStream();
        var buffer = new byte[16 * 1_024];
        int read;
        while ((read = await output.ReadAsync(buffer, cancellationToken)) > 0)
        {
            bytes.Write(buffer, 0, (int)Math.Min(read, most + 1 - bytes.Length));
        }

        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }
}

/// <summary>How a worker ended; also the tag <c>outcome</c> of the metrics.</summary>
internal enum WorkerOutcome
{
    /// <summary>With a thumbnail.</summary>
    Made,

    /// <summary>The content cannot be decoded, or has too many pixels.</summary>
    NoPicture,

    /// <summary>It took too long by the clock and was killed.</summary>
    TooSlow,

    /// <summary>It took more memory or CPU than it may, or a decoder has a fault.</summary>
    Crashed,

    /// <summary>This system has no libvips.</summary>
    NoLibrary,
}
