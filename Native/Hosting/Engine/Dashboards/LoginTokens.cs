using System.Security.Cryptography;
using System.Text;

namespace Aspire.Hosting.Engine.Dashboards;

/// <summary>
/// The token in the printed link. It is good for one exchange, after which another is printed: a link that leaks through a terminal's history or a
/// screenshot opens nothing, and a second person or browser uses the newer line. A token that the person has chosen stays as it is.
/// </summary>
internal sealed class LoginTokens(DashboardPlan plan)
{
    private readonly Lock _lock = new();
    private string _current = plan.ChosenToken ?? DashboardPlan.NewKey();

    /// <summary>Called with the new link when the former has been used.</summary>
    public event Action<string>? Renewed;

    /// <summary>The link that opens the dashboard now; null without a dashboard.</summary>
    public string? Link
    {
        get
        {
            lock (_lock)
            {
                return plan.Frontend is { } address ? $"{address.GetLeftPart(UriPartial.Authority)}/login?t={Uri.EscapeDataString(_current)}" : null;
            }
        }
    }

    public bool TryUse(string token)
    {
        lock (_lock)
        {
            if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(_current)))
            {
                return false;
            }

            if (plan.ChosenToken is not null)
            {
                return true;
            }

            _current = DashboardPlan.NewKey();
        }

        Renewed?.Invoke(Link!);
        return true;
    }
}
