using System.Text.RegularExpressions;
using Contracts.Public;
using Contracts.Publish;
using Tests.Client.JavaScript;

namespace Tests.Deploy;

/// <summary>The k6 scripts call routes that are there, and judge streams as they should. Their types are deploy/k6/check.sh's matter; k6 itself runs elsewhere.</summary>
public sealed partial class LoadScriptTests
{
    private static string Folder => Path.Combine(DeployFolder.Root, "k6");

    [Fact]
    public Task StreamTellsLostDoubledAndMisorderedNumbersApart() => NodeRun.AssertPassesAsync(Path.Combine(Folder, "stream.test.js"));

    [Fact]
    public void EveryCallIsARouteOfItsService()
    {
        var routes = new Dictionary<string, IEnumerable<string>>(StringComparer.Ordinal)
        {
            ["session"] = Constants(typeof(SessionRoutes)),
            ["chat"] = Constants(typeof(ChatRoutes)),
            ["realtime"] = [RealtimeRoutes.WebSocket],
        };
        var calls = Directory.EnumerateFiles(Folder, "*.js").SelectMany(path => Call().Matches(File.ReadAllText(path)))
            .Select(static m => (Service: m.Groups["service"].Value, Path: Value().Replace(m.Groups["path"].Value, "{}"))).Distinct().ToList();

        Assert.True(calls.Count >= 7);
        Assert.All(calls, call => Assert.Contains(call.Path, routes[call.Service]));

        static IEnumerable<string> Constants(Type routes) => routes.GetFields()
            .Where(static f => f.IsLiteral).Select(static f => Parameter().Replace((string)f.GetRawConstantValue()!, "{}"));
    }

    [GeneratedRegex(@"\$\{origins\.(?<service>\w+)\}(?<path>[^`]+)`", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Call();

    [GeneratedRegex(@"\$\{[^}]+\}", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Value();

    [GeneratedRegex(@"\{[^}]+\}", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Parameter();
}
