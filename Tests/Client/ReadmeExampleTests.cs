using System.Runtime.CompilerServices;
using Client;
using Client.Realtime;
using Contracts.Frames;
using Contracts.Public;

namespace Tests.Client;

/// <summary>The README's example is this file's code, and it runs.</summary>
public sealed class ReadmeExampleTests
{
    [Fact]
    public async Task Example_PrintsWhatIsPosted()
    {
        await using var server = await FakeServices.StartAsync();
        using var printed = new Lines();
        var listening = ListenAsync(server.Options(TimeProvider.System), printed);
        var socket = await server.WelcomeAsync();
        await socket.SubscribedAsync();
        await socket.MessageAsync("general", 1);
        Assert.Equal("1 u: text 1", await printed.First.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        await socket.SendAsync(new ServerFrame(FrameTypes.Unsubscribed, Room: "general", Reason: "removed"));
        await Assert.ThrowsAsync<RealtimeException>(() => listening);
    }

    [Fact]
    public async Task Example_StandsInTheReadme()
    {
        var code = await LinesOfAsync(ThisFile());
        var readme = Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "Client", "README.md");
        var inExample = false;
        var example = new List<string>();
        foreach (var line in await LinesOfAsync(readme))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                inExample = line == "```csharp";
            }
            else if (inExample)
            {
                example.Add(line);
            }
        }

        Assert.NotEmpty(example);
        Assert.InRange(example.Count, 1, 14);
        Assert.Empty(example.Except(code, StringComparer.Ordinal));
    }

#pragma warning disable MA0040, MA0079, IDE0059, CA2016 // The example is kept short: a program of its own would pass tokens.
    private static ChatClientOptions LocalOptions()
    {
        var options = new ChatClientOptions
        {
            Session = new("http://localhost:5101"),
            Chat = new("http://localhost:5102"),
            Fileman = new("http://localhost:5103"),
            Realtime = new("http://localhost:5104"),
        };
        return options;
    }

    private static async Task ListenAsync(ChatClientOptions options, TextWriter Console)
    {
        await using var client = new ChatClient(options);
        _ = (await client.LoginAsync(new LoginRequest("acme", "alice", "correct horse battery"))).Value;
        await using var live = await client.ConnectAsync();
        await using var room = await live.SubscribeAsync("general", new SubscribeOptions { After = 0 });
        await foreach (var message in room.Messages.ReadAllAsync())
            Console.WriteLine($"{message.Seq} {message.Sender}: {message.Text}");
    }
#pragma warning restore MA0040, MA0079, IDE0059, CA2016

    [Fact]
    public void LocalOptions_NameTheDevelopmentPorts() => Assert.Equal(5104, LocalOptions().Realtime.Port);

    private static async Task<List<string>> LinesOfAsync(string path) =>
        [.. (await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken)).Select(static line => line.Trim()).Where(static line => line.Length > 0)];

    private static string ThisFile([CallerFilePath] string path = "") => path;

    private sealed class Lines : StringWriter
    {
        private readonly TaskCompletionSource<string> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> First => _first.Task;

        public override void WriteLine(string? value) => _first.TrySetResult(value ?? "");
    }
}
