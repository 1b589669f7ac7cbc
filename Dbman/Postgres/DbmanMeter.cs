namespace Dbman.Postgres;

/// <summary>Name of dbman's meter; the shared telemetry collects it by the application's name.</summary>
internal static class DbmanMeter
{
    public const string Name = "Dbman";
}
