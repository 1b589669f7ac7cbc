using System.ComponentModel;
using System.Diagnostics;

namespace AppHost.Stores;

/// <summary>What a helper program wrote before it ended; <paramref name="ExitCode"/> is null when it had to be stopped at its time limit.</summary>
internal sealed record ToolResult(int? ExitCode, string Output, string Errors)
{
    /// <summary>The last lines, for a message.</summary>
    public string Tail => string.Join(' ', (Errors + '\n' + Output).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(4));
}

/// <summary>Runs helper programs to their end, each with a time limit.</summary>
internal static class Tool
{
    /// <summary>The result, or null when there is no such program.</summary>
    public static async Task<ToolResult?> TryRunAsync(
        IReadOnlyList<string> command, TimeSpan limit, CancellationToken cancellationToken, string? input = null, string? folder = null,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            WorkingDirectory = folder ?? "/",
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            return null;
        }

        using var timeout = new CancellationTokenSource(limit, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(either.Token);
            var errors = process.StandardError.ReadToEndAsync(either.Token);
            await process.StandardInput.WriteAsync(input.AsMemory(), either.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(either.Token);
            return new ToolResult(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            return new ToolResult(null, string.Empty, $"{command[0]} did not end within {limit.TotalSeconds:0} s.");
        }
        catch (IOException)
        {
            // It ended without reading its input; what it wrote says why.
            await process.WaitForExitAsync(either.Token);
            return new ToolResult(process.ExitCode, string.Empty, await process.StandardError.ReadToEndAsync(either.Token));
        }
    }

    /// <summary>The program's output.</summary>
    /// <exception cref="StoreException">There is no such program, it failed, or it took too long.</exception>
    public static async Task<string> RunAsync(
        IReadOnlyList<string> command, TimeSpan limit, CancellationToken cancellationToken, string? input = null, string? folder = null)
    {
        var result = await TryRunAsync(command, limit, cancellationToken, input, folder)
            ?? throw new StoreException($"{command[0]} is not installed.");
        return result.ExitCode == 0 ? result.Output : throw new StoreException($"{string.Join(' ', command.Take(2))} failed: {result.Tail}");
    }
}
