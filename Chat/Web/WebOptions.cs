using System.ComponentModel.DataAnnotations;

namespace Chat.Web;

/// <summary>
/// Where the chat page finds the other services, as browsers reach them; configuration section <c>Web</c>. Nothing configured means the page's own origin, where an ingress routes by path.
/// </summary>
internal sealed class WebOptions : IValidatableObject
{
    public const string Section = "Web";

    /// <summary>Whether this service serves the page.</summary>
    /// <value>Default true.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>Base URL of session.</summary>
    /// <value>Default empty: the page's own origin.</value>
    public string SessionUrl { get; set; } = "";

    /// <summary>Base URL of fileman.</summary>
    /// <value>Default empty: the page's own origin.</value>
    public string FilemanUrl { get; set; } = "";

    /// <summary>Base URL of realtime; http means ws, https means wss.</summary>
    /// <value>Default empty: the page's own origin.</value>
    public string RealtimeUrl { get; set; } = "";

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        from url in ((string Name, string Value)[])[(nameof(SessionUrl), SessionUrl), (nameof(FilemanUrl), FilemanUrl), (nameof(RealtimeUrl), RealtimeUrl)]
        where url.Value.Length > 0 && !IsBaseUrl(url.Value)
        select new ValidationResult($"'{url.Value}' is no base URL such as https://chat.example.org.", [url.Name]);

    private static bool IsBaseUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
        && url is { Query: "", Fragment: "", UserInfo: "" };
}
