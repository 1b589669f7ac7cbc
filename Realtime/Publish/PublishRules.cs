using Contracts;
using Contracts.Messages;
using Contracts.Publish;
using Realtime.Wire;

namespace Realtime.Publish;

/// <summary>What may be published. Callers are our own services, so a breach is a bug of theirs, and is named.</summary>
internal static class PublishRules
{
    /// <summary>Longest event name; it travels in the envelope's header.</summary>
    private const int MaxEventName = 64;

    /// <summary>What a frame holds besides text or data: names, ids, attachments, punctuation.</summary>
    private const int FrameOverhead = 4 * 1024;

    /// <summary>The first breach, or null.</summary>
    public static string? Check(PublishRequest request)
    {
        if (request.Messages.Count + request.System.Count is var count && count > Limits.PublishBatch)
        {
            return $"{Limits.PublishBatch} events at most, not {count}.";
        }

        for (var i = 0; i < request.Messages.Count; i++)
        {
            if (MessageRules.Check(request.Messages[i]) is { } breach)
            {
                return $"messages[{i}].{breach.Field} {breach.Rule}";
            }
        }

        for (var i = 0; i < request.System.Count; i++)
        {
            if (Check(request.System[i]) is { } breach)
            {
                return $"system[{i}].{breach}";
            }
        }

        return null;
    }

    /// <summary>The first id that breaks the rule, or null.</summary>
    public static string? Check(SessionRevokedRequest request) =>
        !Ids.IsValid(request.Tenant) ? "tenant"
        : !Ids.IsValid(request.UserId) ? "userId"
        : request.SessionIds.Count > Limits.Page ? $"sessionIds: {Limits.Page} at most"
        : request.SessionIds.All(Ids.IsValid) ? null
        : "sessionIds";

    private static string? Check(SystemEventRecord record) =>
        !Ids.IsValid(record.Tenant) ? $"tenant: {Ids.Rule}."
        : !Ids.IsValid(record.Room) ? $"room: {Ids.Rule}."
        : !Ids.IsValid(record.Id) ? $"id: {Ids.Rule}."
        : !Ids.IsValid(record.Actor) ? $"actor: {Ids.Rule}."
        : record.User is not null && !Ids.IsValid(record.User) ? $"user: {Ids.Rule}."
        : record.Event.Length is 0 or > MaxEventName || !IsName(record.Event) ? $"event: up to {MaxEventName} characters of a-z, '.' and '-'."
        : record.Data is { } data && data.GetRawText().Length > (WireFrame.MaxLength - FrameOverhead) / 3 ? "data: too long."
        : null;

    private static bool IsName(string text) => text.All(static c => c is (>= 'a' and <= 'z') or '.' or '-');
}
