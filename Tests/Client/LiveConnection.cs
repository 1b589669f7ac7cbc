using System.Threading.Channels;
using Client;
using Client.Realtime;
using Tests.Infrastructure;

namespace Tests.Client;

/// <summary>An open connection with both of its ends.</summary>
internal sealed class LiveConnection : IAsyncDisposable
{
    private readonly Channel<ConnectionState> _states = Channel.CreateUnbounded<ConnectionState>();

    private LiveConnection(RealtimeConnection connection, FakeSocket socket)
    {
        Connection = connection;
        Socket = socket;
        connection.StateChanged += state => _states.Writer.TryWrite(state);
    }

    public RealtimeConnection Connection { get; }

    /// <summary>The server's end of the newest socket.</summary>
    public FakeSocket Socket { get; private set; }

    public static async Task<LiveConnection> OpenAsync(ChatClient client, FakeServices server, int pingInterval = 3600)
    {
        var connecting = client.ConnectAsync(TestContext.Current.CancellationToken);
        var socket = await server.WelcomeAsync(pingInterval);
        return new LiveConnection(await connecting, socket);
    }

    /// <summary>The next state of this phase.</summary>
    public async Task<ConnectionState> NextStateAsync(ConnectionPhase phase)
    {
        while (true)
        {
            var state = await _states.Reader.ReadAsync(TestContext.Current.CancellationToken)
                .AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            if (state.Phase == phase)
            {
                return state;
            }
        }
    }

    /// <summary>Cuts the line and welcomes the socket that follows.</summary>
    public async Task<FakeSocket> RestartAsync(FakeServices server, ObservedTime time)
    {
        Socket.Abort();
        await time.ElapseAsync((await NextStateAsync(ConnectionPhase.Waiting)).RetryIn!.Value);
        Socket = await server.WelcomeAsync(pingInterval: 3600);
        await NextStateAsync(ConnectionPhase.Connected);
        return Socket;
    }

    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}
