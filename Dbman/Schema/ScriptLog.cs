using System.Globalization;
using DbUp.Engine.Output;

namespace Dbman.Schema;

/// <summary>Hands DbUp's messages to our log.</summary>
internal sealed class ScriptLog(ILogger logger) : IUpgradeLog
{
    public void LogTrace(string format, params object[] args)
    {
        // One line per command of a script: nothing that an operator needs.
    }

    public void LogDebug(string format, params object[] args)
    {
        // As above.
    }

    public void LogInformation(string format, params object[] args) => logger.Script(Text(format, args));

    public void LogWarning(string format, params object[] args) => logger.Script(Text(format, args));

    public void LogError(string format, params object[] args) => logger.ScriptFailed(Text(format, args));

    public void LogError(Exception ex, string format, params object[] args) => logger.ScriptFailed(Text(format, args) + " " + ex.Message);

    private static string Text(string format, object[] args) => args.Length == 0 ? format : string.Format(CultureInfo.InvariantCulture, format, args);
}
