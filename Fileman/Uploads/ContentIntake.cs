using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Fileman.Blobs;
using Fileman.Types;

namespace Fileman.Uploads;

/// <summary>
/// Takes one body from its sender to the store, piece by piece: counts it, hashes it, and checks it on the way. At no time is more of it in memory than the server's request buffer and the
/// store's own.
/// </summary>
internal sealed class ContentIntake(PipeReader body, ContentRule rule, long maxBytes) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Utf8Check? _text = rule.Kind == ContentKind.Text ? new Utf8Check() : null;

    /// <summary>Bytes so far.</summary>
    public long Size { get; private set; }

    /// <summary>Waits for the first bytes and compares them with the declared type; takes nothing.</summary>
    public async Task<bool> MatchesTypeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            if (read.Buffer.Length >= ContentTypes.HeadBytes || read.IsCompleted)
            {
                var matches = Matches(read.Buffer);
                body.AdvanceTo(read.Buffer.Start);
                return matches;
            }

            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>Moves the whole body. The outcome says why it stopped; after anything but <see cref="IntakeOutcome.Complete"/> the blob must not be committed.</summary>
    public async Task<IntakeOutcome> MoveAsync(IBlobWriter blob, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            try
            {
                foreach (var piece in read.Buffer)
                {
                    if (Check(piece.Span) is { } refusal)
                    {
                        return refusal;
                    }

                    await blob.WriteAsync(piece, cancellationToken);
                }
            }
            finally
            {
                // Also when it ends here: the server reads the rest of the body away, so that the sender gets to see its answer.
                body.AdvanceTo(read.Buffer.End);
            }

            if (read.IsCompleted)
            {
                return _text?.End() == false ? IntakeOutcome.NotItsType : IntakeOutcome.Complete;
            }
        }
    }

    /// <summary>SHA-256 of what was moved, in lower-case hexadecimal.</summary>
    public string GetSha256() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    public void Dispose() => _hash.Dispose();

    private IntakeOutcome? Check(ReadOnlySpan<byte> piece)
    {
        Size += piece.Length;
        if (Size > maxBytes)
        {
            return IntakeOutcome.TooLarge;
        }

        if (_text?.Add(piece) == false)
        {
            return IntakeOutcome.NotItsType;
        }

        _hash.AppendData(piece);
        return null;
    }

    private bool Matches(ReadOnlySequence<byte> begin)
    {
        Span<byte> head = stackalloc byte[ContentTypes.HeadBytes];
        begin = begin.Slice(0, Math.Min(begin.Length, head.Length));
        begin.CopyTo(head);
        return rule.MatchesHead(head[..(int)begin.Length]);
    }
}

/// <summary>How an intake ended.</summary>
internal enum IntakeOutcome
{
    /// <summary>The body ended, and is what it claims to be.</summary>
    Complete,

    /// <summary>It is longer than allowed.</summary>
    TooLarge,

    /// <summary>It is not what it claims to be.</summary>
    NotItsType,
}
