using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ServiceDefaults.Limits;

/// <summary>An answer whose receiver is measured.</summary>
internal sealed class PacedResponse : IHttpResponseBodyFeature
{
    private readonly IHttpResponseBodyFeature _inner;

    public PacedResponse(IHttpResponseBodyFeature inner, Pace pace)
    {
        _inner = inner;
        Stream = new PacedStream(inner.Stream, pace);
        Writer = new PacedWriter(inner.Writer, pace);
    }

    public Stream Stream { get; }

    public PipeWriter Writer { get; }

    public void DisableBuffering() => _inner.DisableBuffering();

    public Task StartAsync(CancellationToken cancellationToken = default) => _inner.StartAsync(cancellationToken);

    public Task CompleteAsync() => _inner.CompleteAsync();

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        SendFileFallback.SendFileAsync(Stream, path, offset, count, cancellationToken);

    private sealed class PacedWriter(PipeWriter inner, Pace pace) : PipeWriter
    {
        private long _unflushed;

        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override void Advance(int bytes)
        {
            _unflushed += bytes;
            inner.Advance(bytes);
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
            MeasureAsync(inner.FlushAsync(cancellationToken));

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
        {
            _unflushed += source.Length;
            return MeasureAsync(inner.WriteAsync(source, cancellationToken));
        }

        private ValueTask<FlushResult> MeasureAsync(ValueTask<FlushResult> flush)
        {
            var bytes = _unflushed;
            _unflushed = 0;
            return flush.IsCompletedSuccessfully ? flush : WaitAsync(flush, bytes);
        }

        private async ValueTask<FlushResult> WaitAsync(ValueTask<FlushResult> flush, long bytes)
        {
            pace.Begin();
            try
            {
                return await flush;
            }
            finally
            {
                pace.End(bytes);
            }
        }
    }

    private sealed class PacedStream(Stream inner, Pace pace) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush() => inner.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => MeasureAsync(new ValueTask(inner.FlushAsync(cancellationToken)), 0).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            MeasureAsync(inner.WriteAsync(buffer, cancellationToken), buffer.Length);

        private ValueTask MeasureAsync(ValueTask write, long bytes) => write.IsCompletedSuccessfully ? write : WaitAsync(write, bytes);

        private async ValueTask WaitAsync(ValueTask write, long bytes)
        {
            pace.Begin();
            try
            {
                await write;
            }
            finally
            {
                pace.End(bytes);
            }
        }
    }
}
