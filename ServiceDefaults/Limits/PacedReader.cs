using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ServiceDefaults.Limits;

/// <summary>A request's body whose sender is measured. A sender that loses its place is answered with 408.</summary>
internal sealed class PacedReader(PipeReader body, Pace pace) : PipeReader, IRequestBodyPipeFeature
{
    // Of the last read: what it held, and what of that was left for the next one.
    private ReadOnlySequence<byte> _buffer;
    private long _left;
    private volatile bool _cut;

    public PipeReader Reader => this;

    /// <summary>Ends a read that waits, and all that follow.</summary>
    public void Cut()
    {
        _cut = true;
        body.CancelPendingRead();
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var read = body.ReadBodyAsync(cancellationToken);
        return read.IsCompletedSuccessfully ? ValueTask.FromResult(Take(read.Result)) : WaitAsync(read);
    }

    public override bool TryRead(out ReadResult result)
    {
        if (!body.TryReadBody(out result))
        {
            return false;
        }

        result = Take(result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _left = _buffer.Slice(consumed).Length;
        _buffer = default;
        body.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => body.CancelPendingRead();

    public override void Complete(Exception? exception = null) => body.Complete(exception);

    private async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> read)
    {
        pace.Begin();
        var moved = 0L;
        try
        {
            var result = await read;
            moved = result.Buffer.Length - _left;
            _left = result.Buffer.Length;
            return Take(result);
        }
        finally
        {
            pace.End(moved);
        }
    }

    private ReadResult Take(ReadResult result)
    {
        if (_cut)
        {
            body.AdvanceTo(result.Buffer.Start);
            throw new BadHttpRequestException("The body came too slowly while others waited.", StatusCodes.Status408RequestTimeout);
        }

        if (result.Buffer.Length - _left is var moved and > 0)
        {
            pace.End(moved);
        }

        _buffer = result.Buffer;
        return result;
    }
}
