using System.Text.Json.Serialization;

namespace Contracts.Public;

/// <summary>Serialization of the public HTTP API, as services and SDK share it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SignUpRequest))]
[JsonSerializable(typeof(RegisterRequest))]
[JsonSerializable(typeof(LoginRequest))]
[JsonSerializable(typeof(RefreshRequest))]
[JsonSerializable(typeof(ChangePasswordRequest))]
[JsonSerializable(typeof(ChangeNameRequest))]
[JsonSerializable(typeof(ResetPasswordRequest))]
[JsonSerializable(typeof(UserActiveRequest))]
[JsonSerializable(typeof(UserRoleRequest))]
[JsonSerializable(typeof(RemoveMeRequest))]
[JsonSerializable(typeof(Page<UserInfo>))]
[JsonSerializable(typeof(TokenResponse))]
[JsonSerializable(typeof(UserInfo))]
[JsonSerializable(typeof(MeResponse))]
[JsonSerializable(typeof(Page<SessionInfo>))]
[JsonSerializable(typeof(SessionsRevokedResponse))]
public sealed partial class PublicJsonContext : JsonSerializerContext;
