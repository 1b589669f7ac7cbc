using Contracts.Messages;
using Contracts.Results;

namespace Realtime.Fanout;

/// <summary>What feeds need of dbman: the truth about rooms.</summary>
internal interface IRoomStore
{
    /// <summary>Messages after a seq, oldest first, and the newest seq. A room that does not exist reads as empty.</summary>
    Task<ServiceResult<HistoryResponse>> GetAfterAsync(RoomKey room, long after, int limit, CancellationToken cancellationToken);

    /// <summary>Newest seqs; rooms that do not exist are left out.</summary>
    Task<ServiceResult<HeadsResponse>> GetHeadsAsync(IReadOnlyList<RoomKey> rooms, CancellationToken cancellationToken);

    /// <summary>Whether the user is a member; false also for a room that does not exist.</summary>
    Task<ServiceResult<bool>> IsMemberAsync(RoomKey room, string user, CancellationToken cancellationToken);
}
