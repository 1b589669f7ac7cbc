using System.Globalization;
using NetVips;

namespace Fileman.Thumbnails;

/// <summary>
/// The other process that makes one thumbnail: <c>Fileman thumbnail MAX-PIXELS MEMORY SECONDS LENGTH</c>. Reads the picture from its standard input, writes a <see cref="Thumbnail"/> to its standard output.
/// </summary>
/// <remarks>
/// Decoders are large programs in C that read untrusted input. Here they can neither take more memory or time than they are given, nor the service
/// with them when they crash. What they are given is no secret of the service's: no environment, and no file but the two pipes. A decoder that is
/// taken over has the rights of the service's user all the same; this bounds faults.
/// </remarks>
internal static class ThumbnailWorker
{
    /// <summary>First argument that makes this process a worker.</summary>
    public const string Verb = "thumbnail";

    /// <summary>Exit code: the picture cannot be decoded, or has too many pixels.</summary>
    public const int NoPicture = 3;

    /// <summary>Exit code: this system cannot make thumbnails at all.</summary>
    public const int NoLibrary = 4;

    /// <summary>Twice the place that the page has for a picture, for screens with fine pixels.</summary>
    private const int LongestSide = 640;

    private const int Quality = 78;

    /// <summary>What browsers show and libvips decodes; its many other loaders stay off, whatever the content looks like.</summary>
    private static readonly string[] Loaders = ["VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp", "VipsForeignLoadNsgif", "VipsForeignLoadHeif"];

    public static int Run(string[] args)
    {
        var maxPixels = long.Parse(args[1], CultureInfo.InvariantCulture);
        WorkerLimits.Apply(memoryBytes: ulong.Parse(args[2], CultureInfo.InvariantCulture), seconds: ulong.Parse(args[3], CultureInfo.InvariantCulture));
        if (!ModuleInitializer.VipsInitialized)
        {
            Console.Error.WriteLine(ModuleInitializer.Exception?.Message);
            return NoLibrary;
        }

        NetVips.NetVips.Concurrency = 1;
        Cache.Max = 0;
        Operation.Block("VipsForeignLoad", true);
        foreach (var loader in Loaders)
        {
            Operation.Block(loader, false);
        }

        // Of the length that was announced, once: a buffer that grows would take the memory twice.
        var input = new byte[int.Parse(args[4], CultureInfo.InvariantCulture)];
        using (var pipe = Console.OpenStandardInput())
        {
            var length = pipe.ReadAtLeast(input, input.Length, throwOnEndOfStream: false);
            Array.Resize(ref input, length);
        }

        try
        {
            return Make(input, maxPixels);
        }
        catch (VipsException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return NoPicture;
        }
    }

    private static int Make(byte[] content, long maxPixels)
    {
        int width, height;
        bool animated;

        // Reads the header only.
        using (var picture = Image.NewFromBuffer(content, access: Enums.Access.Sequential))
        {
            (width, height) = (picture.Width, picture.Height);
            animated = picture.Contains("n-pages") && (int)picture.Get("n-pages") > 1;
        }

        if ((long)width * height > maxPixels)
        {
            Console.Error.WriteLine($"{width} x {height} pixels.");
            return NoPicture;
        }

        // Turned upright, in the colours of the web, and without anything that the picture says besides.
        using var small = Image.ThumbnailBuffer(content, LongestSide, height: LongestSide, size: Enums.Size.Down, outputProfile: "srgb");
        var bytes = small.WebpsaveBuffer(q: Quality, keep: Enums.ForeignKeep.None);
        using var output = Console.OpenStandardOutput();
        output.Write(new Thumbnail(width, height, animated, bytes).ToBytes());
        return 0;
    }
}
