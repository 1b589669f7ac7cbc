using System.Globalization;
using Client.Realtime;
using Contracts;
using Contracts.Public;

namespace Tests.EndToEnd;

/// <summary>A session that was ended loses its open sockets, on whichever node they are; the user's other sessions keep theirs.</summary>
[Collection(SystemCollection.Name)]
public sealed class RevocationTests(RunningSystem system)
{
    /// <summary>Enough that the balancer puts some on each node.</summary>
    private const int Sockets = 4;

    [Fact]
    public async Task SocketsCloseForGood_WhenTheirSessionEnds()
    {
        using var deadline = new Deadline(TimeSpan.FromMinutes(1));
        var token = deadline.Token;
        await using var owner = await system.NewTenantAsync("revoked", token);
        await using var lost = system.NewClient();
        var login = (await lost.LoginAsync(new LoginRequest(owner.SignedIn!.Tenant, "admin", RunningSystem.Password), token)).Value;
        await using var kept = await owner.ConnectAsync(token);
        var ends = new List<Task<ConnectionState>>();
        var connections = new List<RealtimeConnection>();
        try
        {
            for (var i = 0; i < Sockets; i++)
            {
                var connection = await lost.ConnectAsync(token);
                connections.Add(connection);
                var end = new TaskCompletionSource<ConnectionState>(TaskCreationOptions.RunContinuationsAsynchronously);
                connection.StateChanged += state =>
                {
                    if (state.Phase == ConnectionPhase.Closed)
                    {
                        end.TrySetResult(state);
                    }
                };
                ends.Add(end.Task);
            }

            Assert.Equal([login.SessionId], (await owner.Account.RevokeSessionAsync(login.SessionId, token)).Value.Revoked);
            foreach (var end in await Task.WhenAll(ends).WaitAsync(token))
            {
                Assert.Contains(CloseCodes.SessionRevoked.ToString(CultureInfo.InvariantCulture), end.Reason, StringComparison.Ordinal);
            }
        }
        finally
        {
            foreach (var connection in connections)
            {
                await connection.DisposeAsync();
            }
        }

        Assert.Equal(ConnectionPhase.Connected, kept.State.Phase);
        Assert.Equal(401, (await lost.Account.GetMeAsync(token)).Problem?.Status);
        Assert.True((await owner.Account.GetMeAsync(token)).IsSuccess);
    }
}
