using System.Diagnostics;

namespace Tests.Deploy.Monitoring;

/// <summary>Prometheus' own checker. Outside CI a test without it is skipped; .ci/run installs it.</summary>
internal static class Promtool
{
    private static string? Path => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator)
        .Select(folder => System.IO.Path.Combine(folder, "promtool")).FirstOrDefault(File.Exists);

    /// <summary>Runs it in a folder; its output belongs to the failure.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string folder, params string[] arguments)
    {
        var token = TestContext.Current.CancellationToken;
        var program = Path;
        const string Missing = "promtool is not on the PATH (Debian: it is in the package prometheus).";
        Assert.False(program is null && !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI")), Missing);
        Assert.SkipWhen(program is null, Missing);

        using var process = Process.Start(new ProcessStartInfo(program!, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        })!;
        var output = process.StandardOutput.ReadToEndAsync(token);
        var errors = process.StandardError.ReadToEndAsync(token);
        await process.WaitForExitAsync(token);
        return (process.ExitCode, await output + await errors);
    }
}
