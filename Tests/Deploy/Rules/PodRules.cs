using System.Globalization;
using k8s.Models;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ServiceDefaults.Drain;
using ServiceDefaults.Health;

namespace Tests.Deploy.Rules;

/// <summary>Pods: probes, drain, resources, rights.</summary>
internal static class PodRules
{
    public static IReadOnlyList<Rule> All { get; } =
    [
        new("probes", Probes),
        new("drain", Drain),
        new("resources", Resources),
        new("security", Security),
    ];

    private static IEnumerable<string> Probes(Manifests manifests)
    {
        foreach (var deployment in manifests.Deployments)
        {
            var container = deployment.Spec.Template.Spec.Containers[0];
            var management = container.Ports.SingleOrDefault(static port => port.Name == "management")?.ContainerPort.ToString(CultureInfo.InvariantCulture);
            if (management is null || manifests.Settings(deployment.Name()).GetValueOrDefault("Management__Port") != management
                || deployment.Spec.Template.Metadata.Annotations.AsReadOnly().GetValueOrDefault("prometheus.io/port") != management)
            {
                yield return $"{deployment.Name()}: the service, its container and Prometheus do not agree on the management port.";
            }

            foreach (var (probe, path) in new[]
            {
                (container.StartupProbe, "/health/startup"), (container.LivenessProbe, "/health/live"), (container.ReadinessProbe, "/health/ready"),
            })
            {
                if (probe?.HttpGet is null || probe.HttpGet.Path != path || probe.HttpGet.Port?.Value != "management")
                {
                    yield return $"{deployment.Name()}: {path} is not asked on the management port.";
                    continue;
                }

                // The answer that says which check was too slow must come before the prober stops listening.
                if (TimeSpan.FromSeconds(probe.TimeoutSeconds ?? 1) <= new HealthOptions().CheckTimeout)
                {
                    yield return $"{deployment.Name()}: {path} times out before a health check does.";
                }
            }

            if (Budget(container.LivenessProbe) is < 20 or > 120)
            {
                yield return $"{deployment.Name()}: liveness must forgive 20 s and notice within two minutes.";
            }

            // dbman gives a migration script 30 minutes; killed before that, it would restart from scratch each time.
            if (Budget(container.StartupProbe) <= 1_800 || deployment.Spec.ProgressDeadlineSeconds <= Budget(container.StartupProbe))
            {
                yield return $"{deployment.Name()}: a start may take more than half an hour.";
            }

            if (Budget(container.ReadinessProbe) >= Times(manifests, deployment.Name()).Delay.TotalSeconds)
            {
                yield return $"{deployment.Name()}: a prober would notice the drain only after Drain:Delay.";
            }
        }

        foreach (var set in manifests.StatefulSets)
        {
            var container = set.Spec.Template.Spec.Containers[0];
            if (container.StartupProbe is null || container.LivenessProbe is null || container.ReadinessProbe is null)
            {
                yield return $"{set.Name()}: a probe is missing.";
            }
        }

        static int Budget(V1Probe? probe) => (probe?.PeriodSeconds ?? 10) * (probe?.FailureThreshold ?? 3);
    }

    private static IEnumerable<string> Drain(Manifests manifests)
    {
        foreach (var deployment in manifests.Deployments)
        {
            var pod = deployment.Spec.Template.Spec;
            var (_, shutdown) = Times(manifests, deployment.Name());
            var before = pod.Containers[0].Lifecycle?.PreStop?.Sleep?.Seconds;
            if (before is null or < 3 or > 30)
            {
                yield return $"{deployment.Name()}: preStop must give endpoints 3 to 30 s to forget the pod, by the kubelet's own sleep: the image has no shell.";
            }

            var spare = (pod.TerminationGracePeriodSeconds ?? 30) - (before ?? 0) - shutdown.TotalSeconds;
            if (spare is < 2 or > 15)
            {
                yield return $"{deployment.Name()}: preStop ({before} s) and the host's shutdown ({shutdown.TotalSeconds} s) leave {spare} s of the grace period; 2 to 15 are right.";
            }
        }
    }

    private static IEnumerable<string> Resources(Manifests manifests) =>
        from workload in manifests.Workloads
        from container in Containers(workload.Pod)
        from resource in (string[])["cpu", "memory"]
        let requested = container.Resources?.Requests?.TryGetValue(resource, out var request) == true ? request.ToDecimal() : 0
        let allowed = container.Resources?.Limits?.TryGetValue(resource, out var limit) == true ? limit.ToDecimal() : 0
        where requested <= 0 || allowed < requested
        select $"{workload.Name}: {container.Name} needs a request and a limit of {resource}.";

    private static IEnumerable<string> Security(Manifests manifests)
    {
        foreach (var (name, template) in manifests.Workloads)
        {
            var pod = template.Spec;
            if (pod.AutomountServiceAccountToken != false)
            {
                yield return $"{name}: gets a token of the API that it does not need.";
            }

            if (pod.SecurityContext is not { RunAsNonRoot: true, RunAsUser: > 0, SeccompProfile.Type: "RuntimeDefault" })
            {
                yield return $"{name}: runs as root, or without the runtime's seccomp profile.";
            }

            if (pod.HostNetwork == true || pod.HostPID == true || pod.HostIPC == true || pod.Volumes?.Any(v => v.HostPath is not null) == true)
            {
                yield return $"{name}: reaches into its node.";
            }

            foreach (var container in Containers(template))
            {
                if (container.SecurityContext is not { AllowPrivilegeEscalation: false, ReadOnlyRootFilesystem: true, Privileged: not true, RunAsUser: null, RunAsNonRoot: not false }
                    || container.SecurityContext.Capabilities is not { Add: null or { Count: 0 }, Drop: { } dropped } || !dropped.Contains("ALL"))
                {
                    yield return $"{name}: {container.Name} may write its root, gain rights, or keeps capabilities.";
                }
            }

            foreach (var volume in (pod.Volumes ?? []).Where(v => v.EmptyDir is { SizeLimit: null }))
            {
                yield return $"{name}: {volume.Name} may fill the node's disk.";
            }
        }

        foreach (var deployment in manifests.Deployments.Where(d => d.Spec.Template.Spec.Containers[0].VolumeMounts?.Any(m => m.MountPath == "/tmp") != true))
        {
            yield return $"{deployment.Name()}: has no /tmp to write to.";
        }
    }

    private static IEnumerable<V1Container> Containers(V1PodTemplateSpec pod) => [.. pod.Spec.InitContainers ?? [], .. pod.Spec.Containers];

    /// <summary>What the service itself takes for its drain, with the settings that it is given.</summary>
    private static (TimeSpan Delay, TimeSpan Shutdown) Times(Manifests manifests, string service)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true, EnvironmentName = Environments.Production });
        builder.Configuration.AddInMemoryCollection(manifests.Settings(service).ToDictionary(e => e.Key.Replace("__", ":", StringComparison.Ordinal), e => (string?)e.Value));
        builder.AddDrain();
        using var host = builder.Build();
        return (host.Services.GetRequiredService<IOptions<DrainOptions>>().Value.Delay, host.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
    }
}
