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

    /// <summary>No service: people who operate the system, under a key of their own.</summary>
    public const string Operator = "operator";

    /// <summary>Connection name of the private key that a service signs its calls with.</summary>
    public const string ServiceKey = "service-key";

    /// <summary>Connection name of the public keys of all services.</summary>
    public const string ServiceKeys = "service-keys";
}
