using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Tests.Deploy.Aspirate;

/// <summary>
/// An Aspire manifest, read the way that aspirate reads it: references resolved, ports filled in, secrets recognized by the names of variables.
/// </summary>
internal sealed partial class AspireManifest(JsonObject resources)
{
    /// <summary>Variables that aspirate takes for secrets, by the start of their names.</summary>
    private static readonly string[] SecretNames = ["ConnectionString", "POSTGRES_PASSWORD", "MSSQL_SA_PASSWORD"];

    public static AspireManifest Parse(string json) => new(JsonNode.Parse(json)!["resources"]!.AsObject());

    public IEnumerable<ResourceData> Deployables(AspirateSettings settings) => resources
        .Where(r => Text(r.Value!, "type") is "container.v0" or "container.v1" or "project.v0" or "project.v1")
        .Select(r => Data(r.Key, r.Value!, settings));

    /// <summary>Names of the services that a project calls.</summary>
    public IEnumerable<string> CalledBy(string project) => resources[project]!["env"]!.AsObject()
        .Select(e => ServiceVariable().Match(e.Key))
        .Where(m => m.Success)
        .Select(m => m.Groups["name"].Value);

    public IEnumerable<string> Projects => resources.Where(r => Text(r.Value!, "type").StartsWith("project.", StringComparison.Ordinal)).Select(r => r.Key);

    /// <summary>Names of the variables of a project that must come from a Secret.</summary>
    public IEnumerable<string> SecretsOf(string project) => resources[project]!["env"]!.AsObject().Select(e => e.Key).Where(IsSecret);

    /// <summary>A value with its references resolved.</summary>
    public string Resolve(string value)
    {
        for (var depth = 0; Reference().IsMatch(value); depth++)
        {
            if (depth > 16)
            {
                throw new InvalidOperationException($"'{value}' refers to itself, or to what the manifest does not have.");
            }

            // A known fault of aspirate's tokenizer, which a test should meet before a cluster does.
            if (LostCharacter().IsMatch(value))
            {
                throw new InvalidOperationException($"aspirate loses the last character of '{value}'.");
            }

            value = Reference().Replace(value, match => Target(match.Groups["path"].Value.Split('.')));
        }

        return value;
    }

    private ResourceData Data(string name, JsonNode resource, AspirateSettings settings)
    {
        var isProject = Text(resource, "type").StartsWith("project.", StringComparison.Ordinal);
        var variables = (resource["env"]?.AsObject() ?? [])
            .Select(e => (e.Key, Value: Resolve((string)e.Value!)))
            .Where(e => e.Value.Length > 0)
            .ToList();
        var volumes = (resource["volumes"]?.AsArray() ?? [])
            .Select(v => new VolumeData(Text(v!, "name"), Text(v!, "target"), (bool?)v!["readOnly"] ?? false)).ToList();
        return new ResourceData
        {
            Name = name,
            Env = variables.ToDictionary(e => e.Key, e => e.Value),
            Secrets = variables.Where(e => IsSecret(e.Key)).ToDictionary(e => e.Key, e => e.Value),
            Volumes = volumes,
            Ports = [.. (resource["bindings"]?.AsObject() ?? []).Select(b => new PortData(b.Key, TargetPort(name, b.Key), (int?)b.Value!["port"] ?? 0))],
            Args = [.. (resource["args"]?.AsArray() ?? []).Select(a => (string)a!)],
            Manifests = [volumes.Count > 0 ? "statefulset.yaml" : "deployment.yaml", "service.yaml"],
            IsProject = isProject ? true : null,
            Entrypoint = (string?)resource["entrypoint"],
            ImagePullPolicy = settings.ImagePullPolicy,
            ContainerImage = isProject
                ? $"{settings.Registry}/{settings.Prefix}/{name}:{settings.Tag}".ToLowerInvariant()
                : Text(resource, "image").ToLowerInvariant(),
        };
    }

    private string Target(string[] path) => path switch
    {
        [var name, "bindings", _, "host"] => Known(name),
        [var name, "bindings", var binding, "targetPort"] => $"{TargetPort(name, binding)}",
        [var name, "bindings", var binding, "port"] => $"{(int?)resources[name]!["bindings"]![binding]!["port"] ?? TargetPort(name, binding)}",
        [var name, "bindings", "http", "url"] => $"http://{name}:{TargetPort(name, "http")}",
        [_, "inputs", "value"] => "generated",
        [var name, var property] when (string?)resources[name]?[property] is { } value => value,
        _ => throw new InvalidOperationException($"The manifest has no {{{string.Join('.', path)}}}, or aspirate cannot resolve it."),
    };

    private string Known(string name) => resources.ContainsKey(name) ? name : throw new InvalidOperationException($"The manifest has no '{name}'.");

    private int TargetPort(string name, string binding) => (int?)resources[name]!["bindings"]![binding]!["targetPort"] ?? (binding == "http" ? 8080 : 8443);

    private static bool IsSecret(string variable) => Array.Exists(SecretNames, name => variable.StartsWith(name, StringComparison.Ordinal));

    private static string Text(JsonNode node, string property) => (string?)node[property] ?? string.Empty;

    [GeneratedRegex(@"\{(?<path>[A-Za-z0-9.-]+)\}", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Reference();

    [GeneratedRegex(@"\{[A-Za-z0-9.-]+\}[^{}]$", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex LostCharacter();

    [GeneratedRegex("^services__(?<name>[a-z0-9-]+)__http__0$", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex ServiceVariable();
}
