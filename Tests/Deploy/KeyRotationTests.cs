using System.Text;
using Contracts;
using k8s.Models;
using Microsoft.Extensions.Options;
using ServiceDefaults.Identity;

namespace Tests.Deploy;

/// <summary>deploy/rotate-key.sh, run as the runbook says, on Secrets that deploy/secrets.sh made, and the services' own check of tokens in between. The cluster is a folder.</summary>
public sealed class KeyRotationTests(RenderedOverlays overlays) : IClassFixture<RenderedOverlays>, IAsyncLifetime
{
    private const string Own = "ConnectionStrings__" + ServiceNames.ServiceKey;
    private const string Listed = "ConnectionStrings__" + ServiceNames.ServiceKeys;

    /// <summary>As much of kubectl as the script uses: a Secret is a folder, and a key of it a file.</summary>
    private const string Kubectl = """
        #!/usr/bin/env bash
        set -euo pipefail
        [ "$1" = --namespace ] && shift 2
        case "$1 $2" in
          "get secret")
            [ -d "$CLUSTER/$3" ] || { echo "secret $3 is not there" >&2; exit 1; }
            [ $# -eq 3 ] || { key=${5#jsonpath={.data.}; base64 < "$CLUSTER/$3/${key%\}}" | tr -d '\n'; }
            ;;
          "create secret") mkdir "$CLUSTER/$4"; while IFS='=' read -r key value; do printf '%s' "$value" > "$CLUSTER/$4/$key"; done ;;
          "patch secret")
            patch=$(cat)
            key=$(sed -E 's/^\{"stringData":\{"([^"]+)":"([^"]+)"\}\}$/\1/' <<< "$patch")
            sed -E 's/^\{"stringData":\{"([^"]+)":"([^"]+)"\}\}$/\2/' <<< "$patch" | tr -d '\n' > "$CLUSTER/$3/$key"
            ;;
          "delete secret") rm -r "${CLUSTER:?}/$3" ;;
          "rollout restart" | "rollout status") echo "$2 $3" >> "$CLUSTER/rollouts" ;;
          *) echo "kubectl $*?" >&2; exit 64 ;;
        esac
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rotation-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Cluster => Path.Combine(_folder.FullName, "cluster");

    public async ValueTask InitializeAsync()
    {
        _ = overlays.Text("production");
        var text = await RenderedOverlays.RunAsync("/usr/bin/env", "DATABASE=Host=x", "REDIS=x:6379", "bash", "secrets.sh", "production", "--print");
        foreach (var secret in Manifests.Parse(text).Documents.Cast<V1Secret>())
        {
            var folder = Directory.CreateDirectory(Path.Combine(Cluster, secret.Name()));
            foreach (var (key, value) in secret.Data)
            {
                await File.WriteAllBytesAsync(Path.Combine(folder.FullName, key), value, Token);
            }
        }

        var kubectl = Path.Combine(_folder.FullName, "kubectl");
        await File.WriteAllTextAsync(kubectl, Kubectl + "\n", new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), Token);
        await RenderedOverlays.RunAsync("chmod", "+x", kubectl);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task NoCallIsRefusedWhileAKeyIsReplaced_AndTheOldOneIsInTheEnd()
    {
        var old = Read("chat-secrets", Own);
        var before = Read("dbman-secrets", Listed);

        await RotateAsync("chat", "begin");
        var next = Read("chat-next-key", "key");
        Assert.NotEqual(old, next);
        Assert.Equal(old, Read("chat-secrets", Own));
        Assert.Equal((true, true), (await TakesAsync("chat", old), await TakesAsync("chat", next)));

        // Begun again, as after an interruption, it is the same rotation.
        await RotateAsync("chat", "begin");
        Assert.Equal(next, Read("chat-next-key", "key"));
        Assert.Equal((true, true), (await TakesAsync("chat", old), await TakesAsync("chat", next)));

        await RotateAsync("chat", "switch");
        Assert.Equal(next, Read("chat-secrets", Own));
        Assert.Equal((true, true), (await TakesAsync("chat", old), await TakesAsync("chat", next)));

        await RotateAsync("chat", "end");
        Assert.Equal((false, true), (await TakesAsync("chat", old), await TakesAsync("chat", next)));
        Assert.False(Directory.Exists(Path.Combine(Cluster, "chat-next-key")));

        // All have the same list, and the others' entries are unchanged.
        Assert.Single(Directory.EnumerateFiles(Cluster, Listed, SearchOption.AllDirectories).Select(File.ReadAllText).Distinct());
        Assert.Equal(Others(before), Others(Read("dbman-secrets", Listed)));
        Assert.Contains("status deployment/dbman", await File.ReadAllTextAsync(Path.Combine(Cluster, "rollouts"), Token), StringComparison.Ordinal);

        static IEnumerable<string> Others(string list) => list.Split(';').Where(static entry => !entry.StartsWith("chat=", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("switch")]
    [InlineData("end")]
    public async Task StepOutOfTurnChangesNothing(string step)
    {
        var before = (Read("session-secrets", Own), Read("dbman-secrets", Listed));

        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => RotateAsync("session", step));

        Assert.Equal(before, (Read("session-secrets", Own), Read("dbman-secrets", Listed)));
    }

    [Fact]
    public async Task OperatorsKeysAreListedAndTakenAway()
    {
        var (one, other) = (Infrastructure.TestKeys.New(), Infrastructure.TestKeys.New());

        await RotateAsync("operator", "list", $"{one.Public},{other.Public}");
        Assert.Equal((true, true), (await TakesAsync("operator", one.Private), await TakesAsync("operator", other.Private)));

        await RotateAsync("operator", "list", other.Public);
        Assert.Equal((false, true), (await TakesAsync("operator", one.Private), await TakesAsync("operator", other.Private)));

        await RotateAsync("operator", "list", "");
        Assert.False(await TakesAsync("operator", other.Private));
    }

    private string Read(string secret, string key) => File.ReadAllText(Path.Combine(Cluster, secret, key));

    private Task<string> RotateAsync(params string[] arguments) => RenderedOverlays.RunAsync(
        "/usr/bin/env", [$"CLUSTER={Cluster}", $"PATH={_folder.FullName}:{Environment.GetEnvironmentVariable("PATH")}", "bash", "rotate-key.sh", .. arguments]);

    /// <summary>Whether a service with the current list accepts a call with that signature.</summary>
    private async Task<bool> TakesAsync(string name, string key)
    {
        var token = ServiceTokenSource.TryCreate(key, name, ServiceNames.Dbman, TimeProvider.System)!.Issue();
        var callee = new ServiceTokens(
            Options.Create(new ServiceKeyOptions { Name = ServiceNames.Dbman, PublicKeys = Read("dbman-secrets", Listed), Accepts = true }), telemetry: null, TimeProvider.System);
        return (await callee.ValidateAsync(token))?.ServiceName() == name;
    }
}
