using Contracts.Dbman;
using Contracts.Messages;
using Contracts.Results;
using Contracts.Rooms;
using Contracts.Tenants;
using Contracts.Users;

namespace Tests.Dbman;

/// <summary>Tenants, users, rooms of a test.</summary>
internal static class Seed
{
    public const long Quota = 1_000_000;

    private static readonly TimeProvider Time = TimeProvider.System;

    public static string Id(string prefix) => $"{prefix}-{Guid.NewGuid():N}";

    /// <summary>The value, or a failure that shows the problem.</summary>
    public static T Ok<T>(this ServiceResult<T> result)
    {
        Assert.True(result.IsSuccess, $"{result.Problem?.Status} {result.Problem?.Type} {result.Problem?.Detail}");
        return result.Value;
    }

    /// <summary>The problem; fails when there is none.</summary>
    public static ServiceProblem Refused<T>(this ServiceResult<T> result, int status, string type)
    {
        Assert.False(result.IsSuccess, "The call was expected to be refused.");
        Assert.Equal((status, type), (result.Problem.Status, result.Problem.Type));
        return result.Problem;
    }

    /// <summary>A tenant with the admin <c>admin</c>.</summary>
    public static async Task<string> TenantAsync(this DbmanClient client, CancellationToken cancellationToken, long quota = Quota)
    {
        var id = Id("t");
        (await client.Directory.CreateTenantAsync(
            new CreateTenantRequest(id, "Tenant " + id, true, quota, NewUser("admin", TenantRoles.Admin)), cancellationToken)).Ok();
        return id;
    }

    public static async Task<string> UserAsync(this DbmanClient client, string tenant, string id, CancellationToken cancellationToken)
    {
        (await client.Directory.CreateUserAsync(tenant, NewUser(id, TenantRoles.Member), cancellationToken)).Ok();
        return id;
    }

    /// <summary>A public room of <c>admin</c>, with more members.</summary>
    public static async Task<string> RoomAsync(this DbmanClient client, string tenant, CancellationToken cancellationToken, params IEnumerable<string> members)
    {
        var room = Id("r");
        (await client.Rooms.CreateAsync(tenant, new CreateRoomRequest(room, "Room", RoomVisibilities.Public, "admin"), cancellationToken)).Ok();
        foreach (var member in members)
        {
            (await client.Rooms.PutMemberAsync(tenant, room, member, new PutMemberRequest(member), cancellationToken)).Ok();
        }

        return room;
    }

    public static async Task<AppendOutcome> AppendAsync(
        this DbmanClient client, string tenant, string room, string sender, string id, string text, CancellationToken cancellationToken) =>
        (await client.Messages.AppendAsync(new AppendRequest([new AppendItem(tenant, room, id, sender, text)]), cancellationToken)).Ok().Outcomes.Single();

    public static CreateUserRequest NewUser(string id, string role) => new(id, id, "User " + id, role, "hash of " + id);

    public static string MessageId() => Guid.CreateVersion7(Time.GetUtcNow()).ToString("N");
}
