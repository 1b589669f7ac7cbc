using Chat.Relay;
using Contracts;
using Contracts.Dbman;
using Contracts.Messages;
using Contracts.Results;
using Contracts.Rooms;
using Microsoft.Extensions.Options;
using ServiceDefaults.Waiting;

namespace Chat.Web.Demo;

/// <summary>
/// Makes the demo when a developer starts the system: accounts through session, rooms and messages, which are chat's own, through dbman.
/// </summary>
/// <remarks>
/// Protocol. Every replica does all of it, and each step is harmless when it was done before: accounts and rooms answer that they exist, membership stays, messages have fixed ids and go in one append a
/// room, whose order is therefore one replica's. A replica that dies in the middle, or finds a service not up yet, leaves what the next attempt completes. When the last message is there all is there:
/// then nothing is touched, so that a restart does not add a user to a demo room that they left.
/// </remarks>
internal sealed class DemoSeed(
    DemoAccounts accounts,
    DbmanClient dbman,
    MessageRelay relay,
    IOptions<DemoOptions> options,
    TimeProvider time,
    ILogger<DemoSeed> logger) : BackgroundService
{
    /// <summary>With waits of up to ten seconds: some minutes, far longer than the system takes to start.</summary>
    private const int MaxAttempts = 40;

    /// <summary>More than users of the demo tenant are ever looked through for ours.</summary>
    private const int MaxUserPages = 50;

    private static readonly Backoff Waits = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Enabled)
        {
            return;
        }

        for (var attempt = 1; ; attempt++)
        {
            var reason = await TryOnceAsync(stoppingToken);
            if (reason is null)
            {
                logger.Ready(DemoContent.Tenant, string.Join(", ", DemoContent.Users.Select(static user => user.Username)));
                return;
            }

            if (attempt == MaxAttempts)
            {
                logger.GaveUp(attempt, reason);
                return;
            }

            logger.NotYet(attempt, reason);
            await Task.Delay(Waits.Wait(attempt), time, stoppingToken);
        }
    }

    /// <summary>Null when the demo is there; else why it is not.</summary>
    private async Task<string?> TryOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await IsCompleteAsync(cancellationToken) ? null : await MakeAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // Session is not up yet.
            return exception.Message;
        }
    }

    private async Task<bool> IsCompleteAsync(CancellationToken cancellationToken)
    {
        var room = DemoContent.Rooms[^1];
        var last = room.MessageId(room.Messages.Count - 1);
        var history = await dbman.Messages.GetAfterAsync(DemoContent.Tenant, room.Id, after: 0, Limits.HistoryPage, cancellationToken);
        return history.IsSuccess && history.Value.Messages.Any(message => message.Id == last);
    }

    private async Task<string?> MakeAsync(CancellationToken cancellationToken)
    {
        if (!await accounts.SignUpAsync(DemoContent.SignUp, cancellationToken))
        {
            return "session did not make the tenant.";
        }

        foreach (var user in DemoContent.Users.Skip(1))
        {
            if (!await accounts.RegisterAsync(DemoContent.Tenant, user.Register, cancellationToken))
            {
                return $"session did not make the user {user.Username}.";
            }
        }

        var ids = await FindUsersAsync(cancellationToken);
        if (ids is null)
        {
            return "dbman does not name the users.";
        }

        foreach (var room in DemoContent.Rooms)
        {
            if (await MakeRoomAsync(room, ids, cancellationToken) is { } problem)
            {
                return $"room {room.Id}: {problem.Status} {problem.Type} {problem.Detail}";
            }
        }

        return null;
    }

    /// <summary>User ids by user name; null when not all are there.</summary>
    private async Task<Dictionary<string, string>?> FindUsersAsync(CancellationToken cancellationToken)
    {
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        string? after = null;
        for (var page = 0; page < MaxUserPages; page++)
        {
            if (!(await dbman.Directory.ListUsersAsync(DemoContent.Tenant, after, Limits.Page, cancellationToken)).TryGet(out var users, out _))
            {
                return null;
            }

            foreach (var user in users.Items.Where(static user => DemoContent.Users.Any(demo => demo.Username == user.Username)))
            {
                ids[user.Username] = user.Id;
            }

            if (ids.Count == DemoContent.Users.Count)
            {
                return ids;
            }

            after = users.Next;
            if (after is null)
            {
                return null;
            }
        }

        return null;
    }

    private async Task<ServiceProblem?> MakeRoomAsync(DemoRoom room, Dictionary<string, string> users, CancellationToken cancellationToken)
    {
        var owner = users[room.Members[0]];
        var created = await dbman.Rooms.CreateAsync(DemoContent.Tenant, new CreateRoomRequest(room.Id, room.Name, room.Visibility, owner), cancellationToken);
        if (!created.IsSuccess && !created.Problem.Is(ProblemTypes.RoomExists))
        {
            return created.Problem;
        }

        foreach (var member in room.Members.Skip(1))
        {
            var put = await dbman.Rooms.PutMemberAsync(DemoContent.Tenant, room.Id, users[member], new PutMemberRequest(owner, RoomRoles.Member), cancellationToken);
            if (!put.IsSuccess)
            {
                return put.Problem;
            }
        }

        var items = room.Messages.Select((message, index) => new AppendItem(DemoContent.Tenant, room.Id, room.MessageId(index), users[message.Sender], message.Text));
        var appended = await dbman.Messages.AppendAsync(new AppendRequest([.. items]), cancellationToken);
        if (!appended.TryGet(out var response, out var problem))
        {
            return problem;
        }

        foreach (var outcome in response.Outcomes)
        {
            if (outcome.Message is not { } message)
            {
                return outcome.Problem;
            }

            if (!outcome.Duplicate)
            {
                relay.Enqueue(message);
            }
        }

        return null;
    }
}
