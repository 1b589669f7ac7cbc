namespace Tests.Client.JavaScript;

/// <summary>The JavaScript SDK and the real services understand each other.</summary>
public sealed class ServicesTests(RunningServices services) : IClassFixture<RunningServices>
{
    public static TheoryData<string> Files => [.. NodeRun.TestFiles(Path.Combine("test", "real"))];

    [Theory]
    [MemberData(nameof(Files))]
    public Task EveryTestPasses(string file) => NodeRun.AssertPassesAsync(
        Path.Combine("test", "real", file),
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["SESSION_URL"] = services.Session.ToString(),
            ["CHAT_URL"] = services.Chat.ToString(),
            ["FILEMAN_URL"] = services.Fileman.ToString(),
            ["REALTIME_URL"] = services.Realtime.ToString(),

            // Node 20 has a WebSocket only when it is asked for; later ones have it anyway.
            ["NODE_OPTIONS"] = "--experimental-websocket",
        });
}
