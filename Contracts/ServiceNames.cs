namespace Contracts;

/// <summary>Names under which services find each other (resource names of the AppHost).</summary>
public static class ServiceNames
{
    public const string Dbman = "dbman";
    public const string Realtime = "realtime";
    public const string Chat = "chat";
    public const string Session = "session";
    public const string Fileman = "fileman";

    /// <summary>Connection name of dbman's database.</summary>
    public const string Database = "dbman-db";

    /// <summary>Connection name of Redis.</summary>
    public const string Redis = "redis";

    /// <summary>Connection name that carries the secret which services sign their credentials with.</summary>
    public const string ServiceCredential = "service-credential";
}
