using Contracts.Public;
using Contracts.Results;

namespace Client.Realtime;

/// <summary>Where missing messages come from.</summary>
internal interface IRoomHistory
{
    /// <summary>Up to <paramref name="limit"/> messages behind <paramref name="after"/>, oldest first.</summary>
    Task<ServiceResult<MessagePage>> GetAfterAsync(string room, long after, int limit, CancellationToken cancellationToken);
}
