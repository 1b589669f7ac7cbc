using Microsoft.Extensions.Options;

namespace Fileman.Blobs;

/// <summary>
/// Refuses uploads while the store's disk still has room, so that it never becomes full: a full disk fails writes at random, also those of the rest
/// of the system.
/// </summary>
/// <remarks>
/// An upload claims its length before its first byte is stored. Claims of this replica are counted together, as the disk knows nothing of bytes that are still to come. Other replicas on the
/// same disk are not counted: what they write shows in the free bytes, which a running upload looks at again after each <see cref="LookBytes"/>.
/// </remarks>
internal sealed class DiskWatermark
{
    /// <summary>Reading the free bytes is one system call; once per so many bytes its cost is negligible compared with the writes.</summary>
    private const int LookBytes = 16 * 1_024 * 1_024;

    private readonly IBlobStore _blobs;
    private readonly long _minFree;
    private long _claimed;

    public DiskWatermark(IBlobStore blobs, IOptions<BlobOptions> options, FilemanTelemetry telemetry)
    {
        _blobs = blobs;
        _minFree = options.Value.MinFreeBytes;
        telemetry.ObserveFreeBytes(FreeBytesOrNone);
    }

    /// <summary>Null when the disk has no room for so many bytes.</summary>
    public Claim? TryClaim(long bytes)
    {
        var claimed = Interlocked.Add(ref _claimed, bytes);
        if (_blobs.FreeBytes - claimed < _minFree)
        {
            Interlocked.Add(ref _claimed, -bytes);
            return null;
        }

        return new Claim(this, bytes);
    }

    /// <summary>Uploads and downloads report a lost store; a scrape has nothing to add.</summary>
    private long? FreeBytesOrNone()
    {
        try
        {
            return _blobs.FreeBytes;
        }
        catch (BlobStoreException)
        {
            return null;
        }
    }

    /// <summary>Bytes that an upload may still write. Used by one caller at a time; disposed of when the upload has ended.</summary>
    internal sealed class Claim(DiskWatermark disk, long bytes) : IDisposable
    {
        private long _left = bytes;
        private long _unseen;

        /// <summary>So many bytes have been written: they show in the free bytes from now on. False when the disk has passed the mark meanwhile.</summary>
        public bool Wrote(long written)
        {
            var mine = Math.Min(written, _left);
            _left -= mine;
            Interlocked.Add(ref disk._claimed, -mine);
            _unseen += written;
            if (_unseen < LookBytes)
            {
                return true;
            }

            _unseen = 0;
            return !(disk._blobs.FreeBytes < disk._minFree);
        }

        public void Dispose()
        {
            Interlocked.Add(ref disk._claimed, -_left);
            _left = 0;
        }
    }
}
