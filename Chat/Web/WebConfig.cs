using System.Text.Json.Serialization;

namespace Chat.Web;

/// <summary>What the page asks for before anything else.</summary>
/// <param name="Session">Base URL; empty: the page's own origin.</param>
/// <param name="Chat">Likewise.</param>
/// <param name="Fileman">Likewise.</param>
/// <param name="Realtime">Likewise.</param>
/// <param name="Demo">Users to try the page with; only in Development.</param>
internal sealed record WebConfig(string Session, string Chat, string Fileman, string Realtime, DemoConfig? Demo = null);

/// <summary>The demo tenant.</summary>
internal sealed record DemoConfig(string Tenant, string Password, IReadOnlyList<DemoUserConfig> Users);

/// <summary>One of its users.</summary>
internal sealed record DemoUserConfig(string Username, string DisplayName);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WebConfig))]
internal sealed partial class WebJsonContext : JsonSerializerContext;
