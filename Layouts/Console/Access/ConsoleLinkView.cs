using System.Text.Json.Serialization;

namespace Layouts.Console.Access;

/// <summary>A link for one sign-in.</summary>
/// <param name="Path">On any node.</param>
/// <param name="Expires">When it has run out.</param>
internal sealed record ConsoleLinkView(string Path, DateTimeOffset Expires);

/// <summary>Asks for a link.</summary>
/// <param name="By">Who is to be recorded with what is done; up to 100 characters. A user's link is for that user.</param>
internal sealed record ConsoleLinkRequest(string? By = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ConsoleLink))]
[JsonSerializable(typeof(ConsoleLinkView))]
[JsonSerializable(typeof(ConsoleLinkRequest))]
internal sealed partial class ConsoleJsonContext : JsonSerializerContext;
