using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Tests.Infrastructure;

/// <summary>
/// Passes bytes between a client and a server, until it is cut: then connections are reset and new ones refused with a reset. Or until it is stalled: then bytes wait,
/// in both directions, and come late, as from a process that was frozen. Faults may overlap: it passes bytes again when the last of them has ended.
/// </summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly string _host;
    private readonly int _port;
    private readonly ConcurrentDictionary<Socket, bool> _sockets = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _work = [];
    private readonly Task _accepting;
    private readonly Lock _gate = new();
    private volatile int _cuts;

    // Under the gate.
    private int _stalls;

    // Completed while bytes pass; replaced by the first stall.
    private volatile TaskCompletionSource _passing = Passing();

    public TcpProxy(string host, int port)
    {
        _host = host;
        _port = port;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where clients connect, on 127.0.0.1.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Cut()
    {
        Interlocked.Increment(ref _cuts);
        foreach (var socket in _sockets.Keys)
        {
            Reset(socket);
        }
    }

    /// <summary>Ends one <see cref="Cut"/>.</summary>
    public void Restore() => Interlocked.Decrement(ref _cuts);

    public void Stall()
    {
        lock (_gate)
        {
            if (_stalls++ == 0)
            {
                _passing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    /// <summary>Ends one <see cref="Stall"/>.</summary>
    public void Resume()
    {
        lock (_gate)
        {
            if (--_stalls == 0)
            {
                _passing.TrySetResult();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Cut();

        // Not before it has ended: a disposed listener must not be asked for the next connection.
        await _accepting;
        _listener.Dispose();
        await Task.WhenAll(_work);
        _stop.Dispose();
    }

    private static TaskCompletionSource Passing()
    {
        var passing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        passing.SetResult();
        return passing;
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
        {
            // It ended at this moment, or is not connected yet.
        }

        socket.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                if (_cuts > 0)
                {
                    Reset(client);
                }
                else
                {
                    _work.Add(ServeAsync(client));
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end of the proxy.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _sockets[client] = _sockets[server] = true;
            client.NoDelay = server.NoDelay = true;
            await server.ConnectAsync(_host, _port, _stop.Token);
            if (_cuts == 0)
            {
                await Task.WhenAny(PumpAsync(client, server), PumpAsync(server, client));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One side is gone: so is the other.
        }
        finally
        {
            _sockets.TryRemove(client, out _);
            _sockets.TryRemove(server, out _);
            client.Dispose();
            server.Dispose();
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1_024];
        try
        {
            while (await from.ReceiveAsync(buffer, _stop.Token) is var read and > 0)
            {
                await _passing.Task.WaitAsync(_stop.Token);
                for (var sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _stop.Token);
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Cut, or closed by one side.
        }
    }
}
