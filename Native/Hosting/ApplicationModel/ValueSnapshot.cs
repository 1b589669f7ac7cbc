namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value that is set once or several times, and can be awaited before the first.</summary>
public sealed class ValueSnapshot<T>
{
    private readonly TaskCompletionSource<T> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<T>? _latest;

    public bool IsValueSet => Volatile.Read(ref _latest) is { IsCompletedSuccessfully: true };

    public Task<T> GetValueAsync(CancellationToken cancellationToken = default) =>
        (Volatile.Read(ref _latest) ?? _first.Task).WaitAsync(cancellationToken);

    public void SetValue(T value)
    {
        Volatile.Write(ref _latest, Task.FromResult(value));
        _first.TrySetResult(value);
    }

    public void SetException(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        Volatile.Write(ref _latest, Task.FromException<T>(exception));
        _first.TrySetException(exception);
    }
}
