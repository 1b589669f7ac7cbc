using System.Globalization;
using Client.Realtime;
using Contracts;
using Contracts.Public;
using Tests.Infrastructure;
using Tests.Session;

namespace Tests.EndToEnd;

/// <summary>A session that was ended loses its open sockets, on whichever node they are; the user's other sessions keep theirs.</summary>
[Collection(SystemCollection.Name)]
public sealed class RevocationTests(RunningSystem system)
{
    /// <summary>Enough that the balancer puts some on each node.</summary>
    private const int Sockets = 4;

    /// <summary>
    /// The bound within which every process learns of an ended session does not include the delays of a busy machine, so one of these rounds must
    /// keep it.
    /// </summary>
    private const int Rounds = 5;

    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task EndedSessionIsRefusedByEveryProcess_WithinASecond()
    {
        using var deadline = new Deadline();
        await using var owner = await system.NewTenantAsync("reach", deadline.Token);
        using var session = new HttpClient { BaseAddress = system.Address(ServiceNames.Session) };
        var calls = new (string Service, Func<Uri, string, Task<int>> Call)[]
        {
            (ServiceNames.Chat, static (process, token) => RevocationReachTests.SendAsync(process, HttpMethod.Get, ChatRoutes.Rooms, token)),
            (ServiceNames.Fileman, static (process, token) => RevocationReachTests.SendAsync(process, HttpMethod.Get, FileRoutes.Files, token)),
            (ServiceNames.Session, static (process, token) => RevocationReachTests.SendAsync(process, HttpMethod.Get, SessionRoutes.Me, token)),
            (ServiceNames.Realtime, RevocationReachTests.HandshakeAsync),
        };
        var processes = calls.SelectMany(call => system.Addresses(call.Service).Select(address => (call.Service, Address: address, call.Call))).ToList();
        Assert.Equal([(ServiceNames.Chat, 2), (ServiceNames.Fileman, 1), (ServiceNames.Realtime, 2), (ServiceNames.Session, 1)],
            processes.CountBy(static process => process.Service).Select(static pair => (pair.Key, pair.Value)).Order());
        Assert.Distinct(processes.Select(static process => process.Address));

        var seen = new List<string>();
        for (var round = 0; round < Rounds; round++)
        {
            var login = await SessionSystem.TokensAsync(SessionSystem.PostAsync(session, SessionRoutes.Login, new LoginRequest(owner.SignedIn!.Tenant, "admin", RunningSystem.Password)));
            foreach (var (_, address, call) in processes)
            {
                Assert.InRange(await call(address, login.AccessToken), 101, 299);
            }

            Assert.Equal([login.SessionId], (await owner.Account.RevokeSessionAsync(login.SessionId, deadline.Token)).Value.Revoked);
            var since = TimeProvider.System.GetTimestamp();
            var times = await Task.WhenAll(processes.Select(async process =>
            {
                await Eventually.ClearAsync(async () =>
                    await process.Call(process.Address, login.AccessToken) is var status && status == 401 ? null : $"{process.Service} at {process.Address} answered {status}");
                return (process.Service, Took: TimeProvider.System.GetElapsedTime(since));
            }));
            if (times.All(static time => time.Took <= Promise))
            {
                return;
            }

            seen.Add(string.Join(", ", times.Select(static time => $"{time.Service} {time.Took.TotalMilliseconds:0} ms")));
        }

        Assert.Fail($"Not one of {Rounds} rounds took less than {Promise}:\n{string.Join('\n', seen)}");
    }

    [Fact]
    public async Task SocketsCloseForGood_WhenTheirSessionEnds()
    {
        using var deadline = new Deadline();
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
