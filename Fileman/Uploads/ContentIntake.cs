using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Contracts.Files;
using Fileman.Blobs;
using Fileman.Pictures;
using Fileman.Types;

namespace Fileman.Uploads;

/// <summary>
/// Takes one body from its sender to the store, piece by piece: counts it, hashes it, and finds out on the way what it is. At no time is more of it in memory than the server's request buffer, the
/// store's own, and a piece of a picture's description.
/// </summary>
/// <remarks>
/// The declared type is a claim. What does not prove it, at its beginning or later, becomes <see cref="ContentTypes.Opaque"/> (<see cref="ContentIntakeLimits.AllowedTypes"/> permitting): it is kept for
/// those who want it, and shown by nobody. A picture loses on the way what does not serve to show it, so size and hash are of what is stored.
/// </remarks>
internal sealed class ContentIntake(PipeReader body, ContentRule declared, ContentIntakeLimits limits) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private ContentRule _rule = declared;
    private Utf8Check? _text;

    /// <summary>Bytes stored so far.</summary>
    public long Size { get; private set; }

    /// <summary>What it is; final when all of it was moved.</summary>
    public string Type => _rule.Type;

    /// <summary>Set when all of it was moved, of a picture that may be shown.</summary>
    public PictureInfo? Picture { get; private set; }

    /// <summary>Waits for the first bytes and settles the type; takes nothing. False when the content is not what it claims to be, and must not be anything else.</summary>
    public async Task<bool> SettleTypeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            if (read.Buffer.Length >= ContentTypes.HeadBytes || read.IsCompleted)
            {
                var settled = Settle(read.Buffer);
                body.AdvanceTo(read.Buffer.Start);
                _rule = settled ?? _rule;
                _text = _rule.Kind == ContentKind.Text ? new Utf8Check() : null;
                return settled is not null;
            }

            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>Moves the whole body. The outcome says why it stopped; after anything but <see cref="IntakeOutcome.Complete"/> the blob must not be committed.</summary>
    public async Task<IntakeOutcome> MoveAsync(IBlobWriter blob, DiskWatermark.Claim disk, CancellationToken cancellationToken)
    {
        var flow = new PictureFlow(body, piece => StoreAsync(blob, disk, piece, cancellationToken), limits.MaxBytes, cancellationToken);
        try
        {
            if (_rule.Walk is { } walk)
            {
                Picture = await walk(flow) is { } picture && (long)picture.Width * picture.Height <= limits.MaxPixels ? picture : null;
                if (Picture is null && !BecomeOpaque())
                {
                    return flow.Refusal ?? IntakeOutcome.NotItsType;
                }
            }

            await flow.CopyRestAsync();
        }
        finally
        {
            flow.End();
        }

        if (flow.Refusal is { } refusal)
        {
            return refusal;
        }

        return _text?.End() == false && !BecomeOpaque() ? IntakeOutcome.NotItsType : IntakeOutcome.Complete;
    }

    /// <summary>SHA-256 of what was stored, in lower-case hexadecimal.</summary>
    public string GetSha256() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    public void Dispose() => _hash.Dispose();

    private async ValueTask<IntakeOutcome?> StoreAsync(IBlobWriter blob, DiskWatermark.Claim disk, ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        if (_text?.Add(piece.Span) == false && !BecomeOpaque())
        {
            return IntakeOutcome.NotItsType;
        }

        Size += piece.Length;
        _hash.AppendData(piece.Span);
        await blob.WriteAsync(piece, cancellationToken);
        return disk.Wrote(piece.Length) ? null : IntakeOutcome.DiskFull;
    }

    private bool BecomeOpaque()
    {
        _text = null;
        if (ContentTypes.OpaqueWhere(limits.AllowedTypes) is not { } opaque)
        {
            return false;
        }

        _rule = opaque;
        return true;
    }

    private ContentRule? Settle(ReadOnlySequence<byte> begin)
    {
        Span<byte> head = stackalloc byte[ContentTypes.HeadBytes];
        begin = begin.Slice(0, Math.Min(begin.Length, head.Length));
        begin.CopyTo(head);
        head = head[..(int)begin.Length];
        return _rule.MatchesHead(head) ? _rule : ContentTypes.FindOther(_rule, head, limits.AllowedTypes);
    }
}

/// <summary>What an intake may take.</summary>
/// <param name="MaxBytes">Longest body.</param>
/// <param name="MaxPixels">Most pixels of a picture; a larger one is kept and not shown.</param>
/// <param name="AllowedTypes">Accepted types; empty: all.</param>
internal sealed record ContentIntakeLimits(long MaxBytes, long MaxPixels, IReadOnlyCollection<string> AllowedTypes);

/// <summary>How an intake ended.</summary>
internal enum IntakeOutcome
{
    /// <summary>The body ended, and is stored.</summary>
    Complete,

    /// <summary>It is longer than allowed.</summary>
    TooLarge,

    /// <summary>It is not what it claims to be, and the configuration accepts nothing else.</summary>
    NotItsType,

    /// <summary>The store's disk has no room for more.</summary>
    DiskFull,
}
