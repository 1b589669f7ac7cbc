using Contracts;
using Contracts.Dbman;
using Contracts.Messages;
using Contracts.Results;

namespace Realtime.Fanout;

/// <summary>Rooms as dbman knows them.</summary>
internal sealed class DbmanRoomStore(DbmanClient dbman) : IRoomStore
{
    public Task<ServiceResult<HistoryResponse>> GetAfterAsync(RoomKey room, long after, int limit, CancellationToken cancellationToken) =>
        dbman.Messages.GetAfterAsync(room.Tenant, room.Room, after, limit, cancellationToken);

    public Task<ServiceResult<HeadsResponse>> GetHeadsAsync(IReadOnlyList<RoomKey> rooms, CancellationToken cancellationToken) =>
        dbman.Messages.GetHeadsAsync(new HeadsRequest(rooms), cancellationToken);

    public async Task<ServiceResult<bool>> IsMemberAsync(RoomKey room, string user, CancellationToken cancellationToken)
    {
        var result = await dbman.Rooms.GetMemberAsync(room.Tenant, room.Room, user, cancellationToken);
        if (result.IsSuccess)
        {
            return true;
        }

        // Not being a member is an answer, not a failure.
        return result.Problem.Is(ProblemTypes.NotAMember) || result.Problem.Is(ProblemTypes.RoomNotFound) || result.Problem.Is(ProblemTypes.UserNotFound)
            ? false
            : result.Problem;
    }
}
