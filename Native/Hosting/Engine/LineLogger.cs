using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Engine;

/// <summary>What the engine itself has to say about a resource goes where the resource's own output goes.</summary>
internal sealed class LineLogger(LineBuffer buffer) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        buffer.Add(formatter(state, exception), logLevel >= LogLevel.Error);
        foreach (var line in exception?.ToString().Split('\n') ?? [])
        {
            buffer.Add(line.TrimEnd('\r'), isError: true);
        }
    }
}
