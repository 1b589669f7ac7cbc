using System.Text.Json.Serialization;
using ServiceDefaults.Errors;
using ServiceDefaults.Health;

namespace ServiceDefaults;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HealthBody))]
[JsonSerializable(typeof(ProblemBody))]
internal sealed partial class ServiceDefaultsJson : JsonSerializerContext;
