using DbUp.Engine;

namespace Dbman.Schema;

/// <summary>A script may build an index over many rows: the pool's statement timeout is meant for requests. Its lock timeout stays, so that it never blocks writers for long.</summary>
internal sealed class UnhurriedScripts : IScriptPreprocessor
{
    public string Process(string contents) => "SET LOCAL statement_timeout = 0;\n" + contents;
}
