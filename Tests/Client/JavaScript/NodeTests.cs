namespace Tests.Client.JavaScript;

/// <summary>The JavaScript SDK's own tests: scripted sockets, a clock and a dice of the test's.</summary>
public sealed class NodeTests
{
    public static TheoryData<string> Files => [.. NodeRun.TestFiles("test")];

    [Theory]
    [MemberData(nameof(Files))]
    public Task EveryTestPasses(string file) => NodeRun.AssertPassesAsync(Path.Combine("test", file));
}
