namespace Client.Realtime;

/// <summary>The server refused the request, or the connection ended for good.</summary>
public sealed class RealtimeException : Exception
{
    /// <summary>An error with its code.</summary>
    /// <param name="code">One of <see cref="Contracts.Frames.ErrorCodes"/>, or <c>closed</c>.</param>
    /// <param name="message">In words.</param>
    /// <param name="retryAfter">How long to wait before the same may succeed; null when it will not.</param>
    /// <param name="innerException">What caused it.</param>
    public RealtimeException(string code, string message, TimeSpan? retryAfter = null, Exception? innerException = null)
        : base(message, innerException)
    {
        Code = code;
        RetryAfter = retryAfter;
    }

    /// <summary>One of <see cref="Contracts.Frames.ErrorCodes"/>, or <c>closed</c>.</summary>
    public string Code { get; }

    /// <summary>How long to wait before the same may succeed; null when it will not.</summary>
    public TimeSpan? RetryAfter { get; }
}
