using System.Collections.Frozen;
using Microsoft.Extensions.Hosting;

namespace ServiceDefaults.Origins;

/// <summary>
/// Whether a page's origin is one of those that are configured. In Development the names of this machine are equal: localhost, 127.0.0.1 and [::1].
/// </summary>
public sealed class AllowedOrigins
{
    private static readonly FrozenSet<string> ThisMachine = FrozenSet.Create(StringComparer.Ordinal, "localhost", "127.0.0.1", "[::1]");

    private readonly bool _isDevelopment;
    private readonly FrozenSet<string> _origins;

    /// <param name="origins">As browsers send them.</param>
    /// <param name="environment">Where the service runs.</param>
    public AllowedOrigins(IEnumerable<string> origins, IHostEnvironment environment)
    {
        _isDevelopment = environment.IsDevelopment();
        _origins = origins.Select(Named).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    public bool Contains(string origin) => _origins.Contains(Named(origin));

    private string Named(string origin) =>
        _isDevelopment
        && Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && uri.GetLeftPart(UriPartial.Authority) == origin
        && ThisMachine.Contains(uri.Host)
            ? $"{uri.Scheme}://localhost:{uri.Port}"
            : origin;
}
