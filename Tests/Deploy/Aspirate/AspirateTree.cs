using HandlebarsDotNet;

namespace Tests.Deploy.Aspirate;

/// <summary>
/// The files that <c>aspirate generate --output-format kustomize --disable-secrets</c> writes for an Aspire manifest, by path: a folder per container and
/// project in the manifest's order, then the root. Each file is what its template gives, without a change.
/// </summary>
internal sealed class AspirateTree(AspireManifest manifest, AspirateSettings settings, string templates)
{
    private readonly Dictionary<string, HandlebarsTemplate<object, object>> _compiled = new(StringComparer.Ordinal);

    public SortedDictionary<string, string> Render()
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var resources = manifest.Deployables(settings).ToList();
        foreach (var resource in resources)
        {
            foreach (var file in (string[])[.. resource.Manifests, "kustomization.yaml"])
            {
                files[$"{resource.Name}/{file}"] = Apply(file, resource);
            }
        }

        var root = new ResourceData
        {
            Namespace = settings.Namespace,
            Manifests = [.. resources.Select(r => r.Name!), "namespace.yaml"],
            SecretsDisabled = false,
        };
        files["namespace.yaml"] = Apply("namespace.yaml", root);
        files["kustomization.yaml"] = Apply("kustomization.yaml", root);
        return files;
    }

    private string Apply(string file, ResourceData data)
    {
        var name = Path.ChangeExtension(file, ".hbs");
        if (!_compiled.TryGetValue(name, out var template))
        {
            // An environment of its own: inline partials of one template must not be seen by another.
            template = Handlebars.Create().Compile(File.ReadAllText(Path.Combine(templates, name)));
            _compiled[name] = template;
        }

        return template(data);
    }
}
