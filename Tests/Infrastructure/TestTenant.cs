namespace Tests.Infrastructure;

/// <summary>A tenant and its users.</summary>
internal sealed class TestTenant(string id, Func<string, Caller> create)
{
    private readonly Dictionary<string, Caller> _callers = new(StringComparer.Ordinal);

    public string Id { get; } = id;

    public Caller this[string user]
    {
        get
        {
            if (!_callers.TryGetValue(user, out var caller))
            {
                _callers.Add(user, caller = create(user));
            }

            return caller;
        }
    }
}
