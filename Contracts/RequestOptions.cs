namespace Contracts;

/// <summary>Marks that travel with an outgoing request to the resilience handler.</summary>
public static class RequestOptions
{
    /// <summary>Set to true where the same request sent twice has the effect of one: it may be retried although its method is not safe.</summary>
    public static readonly HttpRequestOptionsKey<bool> Idempotent = new("contracts.idempotent");
}
