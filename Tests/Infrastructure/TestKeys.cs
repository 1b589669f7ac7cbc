using System.Collections.Concurrent;
using System.Security.Cryptography;
using Contracts;
using ServiceDefaults.Identity;

namespace Tests.Infrastructure;

/// <summary>Keys of services that run in this process, one pair a name, made once a run.</summary>
internal static class TestKeys
{
    /// <summary>A name that is no service: the host of a test, which every service refuses.</summary>
    public const string Tests = "tests";

    /// <summary>Secret that session's replicas share.</summary>
    public const string Protection = "a secret that session alone knows, long enough";

    private static readonly string[] Names =
        [ServiceNames.Dbman, ServiceNames.Realtime, ServiceNames.Session, ServiceNames.Chat, ServiceNames.Fileman, ServiceNames.Operator, Tests];

    private static readonly ConcurrentDictionary<string, (string Private, string Public)> Pairs = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<(string Name, string Callee), ServiceTokenSource> Sources = new();

    /// <summary>Public keys of all names, as services get them.</summary>
    public static string Public { get; } = string.Join(';', Names.Select(static name => $"{name}={PublicOf(name)}"));

    public static string PrivateOf(string name) => PairOf(name).Private;

    public static string PublicOf(string name) => PairOf(name).Public;

    /// <summary>A pair that no service has yet.</summary>
    public static (string Private, string Public) New()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return (Convert.ToBase64String(key.ExportPkcs8PrivateKey()), Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()));
    }

    /// <summary>Configuration of a service of that name.</summary>
    public static Dictionary<string, string?> SettingsOf(string name)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["ServiceKeys:Name"] = name,
            ["ConnectionStrings:service-keys"] = Public,
        };
        if (name != ServiceNames.Dbman)
        {
            // dbman calls nobody.
            settings["ConnectionStrings:service-key"] = PrivateOf(name);
        }

        if (name == ServiceNames.Session)
        {
            settings["ConnectionStrings:signing-key-protection"] = Protection;
        }

        return settings;
    }

    /// <summary>A token with which one service calls another.</summary>
    public static string Token(string name, string callee) =>
        Sources.GetOrAdd((name, callee), static pair => ServiceTokenSource.TryCreate(PrivateOf(pair.Name), pair.Name, pair.Callee, TimeProvider.System)!).Issue();

    private static (string Private, string Public) PairOf(string name) => Pairs.GetOrAdd(name, static _ => New());
}
