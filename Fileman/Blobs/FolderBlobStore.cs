using System.Security.Cryptography;
using System.Text;

namespace Fileman.Blobs;

/// <summary>
/// Contents in a folder.
/// </summary>
/// <remarks>
/// A content is written to <c>partial/</c>, flushed to the disk, and renamed to its place: a reader sees all of it or nothing, also after a power cut, as the folder that holds the new
/// name is flushed too. Both places are on one file system, or the rename would copy.
/// Only the service's user may access files and folders (0600 and 0700): no other user on the host reads what people sent each other.
/// Places are spread over 65,536 folders by a hash of the key. Names are made of ids only (<see cref="BlobKey"/>), behind a prefix that keeps them from being a device name.
/// </remarks>
internal sealed class FolderBlobStore : IBlobStore
{
    /// <summary>Large enough that a disk write is not one per network segment.</summary>
    private const int BufferBytes = 128 * 1_024;

    private const UnixFileMode OwnFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnFolder = OwnFile | UnixFileMode.UserExecute;

    /// <summary>ENOSPC, EDQUOT, and Windows' ERROR_DISK_FULL as an HRESULT.</summary>
    private static readonly int[] NoRoom = [28, 122, unchecked((int)0x80070070)];

    private readonly string _partial;
    private readonly string _blobs;
    private readonly DriveInfo _disk;

    /// <summary>Creates the folder: a path that cannot be used ends the start, not the first upload.</summary>
    public FolderBlobStore(string root)
    {
        _partial = Path.Combine(root, "partial");
        _blobs = Path.Combine(root, "blobs");
        Directory.CreateDirectory(root);
        CreateFolder(_partial);
        CreateFolder(_blobs);
        _disk = new DriveInfo(root);
    }

    public long? FreeBytes
    {
        get
        {
            try
            {
                return _disk.AvailableFreeSpace;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw Lost(exception);
            }
        }
    }

    public Task<IBlobWriter> CreateAsync(BlobKey key, CancellationToken cancellationToken) => GuardAsync<IBlobWriter>(() =>
        Task.FromResult<IBlobWriter>(new Writer(PartialPath(key), BlobPath(key), key.IsThumbnail)));

    public Task<Stream?> OpenAsync(BlobKey key, long offset, long length, CancellationToken cancellationToken) => GuardAsync<Stream?>(() =>
    {
        try
        {
            var stream = new FileStream(BlobPath(key), new FileStreamOptions
            {
                Mode = FileMode.Open,
                Access = FileAccess.Read,
                // A reader keeps a file that is deleted meanwhile.
                Share = FileShare.Read | FileShare.Delete,
                Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
                // The caller reads in large pieces.
                BufferSize = 0,
            });
            stream.Seek(offset, SeekOrigin.Begin);
            return Task.FromResult<Stream?>(stream);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    });

    public Task DeleteAsync(BlobKey key, CancellationToken cancellationToken) => GuardAsync(() =>
    {
        DeleteIfThere(PartialPath(key));
        DeleteIfThere(BlobPath(key));
        return Task.FromResult(true);
    });

    private static void DeleteIfThere(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // As gone as it can be.
        }
    }

    private string PartialPath(BlobKey key) => Path.Combine(_partial, NameOf(key));

    private string BlobPath(BlobKey key)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.ToString())));
        return Path.Combine(_blobs, hash[..2], hash[2..4], NameOf(key));
    }

    private static string NameOf(BlobKey key) => $"t.{key.Tenant}.{key.Name}";

    private static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnFolder);
        }
    }

    private static async Task<T> GuardAsync<T>(Func<Task<T>> use)
    {
        try
        {
            return await use();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Lost(exception);
        }
    }

    private static BlobStoreException Lost(Exception exception) =>
        new($"The folder of contents cannot be used: {exception.Message}", exception) { IsFull = exception is IOException && NoRoom.Contains(exception.HResult) };

    private sealed class Writer(string partial, string target, bool overwrites) : IBlobWriter
    {
        private readonly FileStream _stream = new(partial, OptionsOf(overwrites));

        private bool _committed;

        private static FileStreamOptions OptionsOf(bool overwrites)
        {
            var options = new FileStreamOptions
            {
                Mode = overwrites ? FileMode.Create : FileMode.CreateNew,
                Access = FileAccess.Write,
                Share = FileShare.Delete,
                Options = FileOptions.Asynchronous,
                BufferSize = BufferBytes,
            };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OwnFile;
            }

            return options;
        }

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            try
            {
                await _stream.WriteAsync(bytes, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw Lost(exception);
            }
        }

        public Task CommitAsync(CancellationToken cancellationToken) => GuardAsync(async () =>
        {
            await _stream.FlushAsync(cancellationToken);
            // Flushing to the disk has no asynchronous form and may take long.
            await Task.Run(() => _stream.Flush(flushToDisk: true), cancellationToken);
            await _stream.DisposeAsync();

            var folder = Path.GetDirectoryName(target)!;
            var isNew = !Directory.Exists(folder);
            CreateFolder(folder);
            File.Move(partial, target, overwrites);
            _committed = true;
            FolderFlush.Flush(folder);
            if (isNew)
            {
                var parent = Path.GetDirectoryName(folder)!;
                FolderFlush.Flush(parent);
                FolderFlush.Flush(Path.GetDirectoryName(parent)!);
            }

            return true;
        });

        public async ValueTask DisposeAsync()
        {
            await GuardAsync(async () =>
            {
                await _stream.DisposeAsync();
                if (!_committed)
                {
                    DeleteIfThere(partial);
                }

                return true;
            });
        }
    }
}
