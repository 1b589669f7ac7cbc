using System.Text.RegularExpressions;
using k8s.Models;

namespace Tests.Deploy.Rules;

/// <summary>Images, settings, secrets, and references between names.</summary>
internal static partial class ConfigurationRules
{
    public static IReadOnlyList<Rule> All { get; } =
    [
        new("images", Images),
        new("secrets", Secrets),
        new("names", Names),
    ];

    private static IEnumerable<string> Images(Manifests manifests) =>
        from workload in manifests.Workloads
        from container in workload.Pod.Spec.Containers
        where !PinnedImage().IsMatch(container.Image) || container.ImagePullPolicy is not "IfNotPresent"
        select $"{workload.Name}: '{container.Image}' is not pinned to a version or a digest.";

    private static IEnumerable<string> Secrets(Manifests manifests)
    {
        foreach (var secret in manifests.Documents.OfType<V1Secret>())
        {
            yield return $"{secret.Name()}: a Secret's content is part of the manifests.";
        }

        foreach (var (map, entry) in manifests.ConfigMaps.SelectMany(m => (m.Data ?? new Dictionary<string, string>()).Select(e => (m.Name(), e))))
        {
            if (SecretName().IsMatch(entry.Key) || SecretValue().IsMatch(entry.Value))
            {
                yield return $"{map}: {entry.Key} belongs into a Secret.";
            }
        }

        foreach (var (name, pod) in manifests.Workloads)
        {
            foreach (var variable in pod.Spec.Containers.SelectMany(c => c.Env ?? []).Where(v => v.Value is { Length: > 0 } value && !value.StartsWith("$(", StringComparison.Ordinal)))
            {
                if (SecretName().IsMatch(variable.Name) || SecretValue().IsMatch(variable.Value))
                {
                    yield return $"{name}: {variable.Name} belongs into a Secret.";
                }
            }

            // The cluster fills $(NAME) into what the list of processes shows.
            foreach (var container in pod.Spec.Containers)
            {
                var secrets = (container.Env ?? []).Where(static v => v.ValueFrom?.SecretKeyRef is not null || SecretName().IsMatch(v.Name)).Select(static v => $"$({v.Name})").ToList();
                if (secrets.Any(secret => (container.Args ?? []).Concat(container.Command ?? []).Any(argument => argument.Contains(secret, StringComparison.Ordinal))))
                {
                    yield return $"{name}: a secret is an argument, which the list of processes shows.";
                }
            }
        }
    }

    private static IEnumerable<string> Names(Manifests manifests)
    {
        var space = manifests.Documents.OfType<V1Namespace>().Single().Name();
        foreach (var document in manifests.Documents.OfType<k8s.IKubernetesObject<V1ObjectMeta>>().Where(d => d is not V1Namespace && d.Metadata.NamespaceProperty != space))
        {
            yield return $"{document.Metadata.Name}: is not in the namespace {space}.";
        }

        foreach (var deployment in manifests.Deployments)
        {
            var name = deployment.Name();
            var sources = deployment.Spec.Template.Spec.Containers[0].EnvFrom ?? [];
            if (!sources.Any(s => s.SecretRef?.Name == $"{name}-secrets" && s.SecretRef.Optional != true)
                || !sources.Any(s => s.ConfigMapRef is { } reference && manifests.ConfigMaps.Any(m => m.Name() == reference.Name)))
            {
                yield return $"{name}: reads no Secret of its own, or a ConfigMap that is not there.";
            }

            if (deployment.Spec.Selector.MatchLabels.Any(l => !deployment.Spec.Template.Metadata.Labels.Contains(l)))
            {
                yield return $"{name}: does not select its own pods.";
            }

            if (!manifests.Services.Any(s => s.Name() == name && s.Spec.Ports is [{ Port: 8080, TargetPort.Value: "8080" }]))
            {
                yield return $"{name}: other services look for it at http://{name}:8080.";
            }
        }

        foreach (var service in manifests.Services)
        {
            if (!manifests.Workloads.Any(w => service.Spec.Selector.All(l => w.Pod.Metadata.Labels.Contains(l))))
            {
                yield return $"{service.Name()}: the Service selects no pod.";
            }
        }
    }

    [GeneratedRegex(@"(:[0-9]+\.[0-9]+(\.[0-9]+)?[0-9A-Za-z.-]*|@sha256:[0-9a-f]{64})$", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex PinnedImage();

    [GeneratedRegex("^ConnectionString|PASSWORD|SECRET|TOKEN|ACCESSKEY|_URI$", RegexOptions.IgnoreCase, 1_000)]
    private static partial Regex SecretName();

    [GeneratedRegex("password=|://[^/]*:[^/]*@", RegexOptions.IgnoreCase, 1_000)]
    private static partial Regex SecretValue();
}
