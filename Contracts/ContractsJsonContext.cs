using System.Text.Json.Serialization;
using Contracts.Files;
using Contracts.Frames;
using Contracts.Layouts;
using Contracts.Messages;
using Contracts.Public;
using Contracts.Publish;
using Contracts.Replicas;
using Contracts.Results;
using Contracts.Rooms;
using Contracts.Sessions;
using Contracts.Tenants;
using Contracts.Users;

namespace Contracts;

/// <summary>Serialization of everything that crosses a wire between our parts: camelCase, nulls left out, enums by name.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ServiceProblem))]
[JsonSerializable(typeof(Unit))]
[JsonSerializable(typeof(TenantRecord))]
[JsonSerializable(typeof(CreateTenantRequest))]
[JsonSerializable(typeof(CreateTenantResponse))]
[JsonSerializable(typeof(UserRecord))]
[JsonSerializable(typeof(CreateUserRequest))]
[JsonSerializable(typeof(CredentialRecord))]
[JsonSerializable(typeof(LoginAttemptRequest))]
[JsonSerializable(typeof(LoginAttemptResponse))]
[JsonSerializable(typeof(RenewPasswordHashRequest))]
[JsonSerializable(typeof(ReplacePasswordRequest))]
[JsonSerializable(typeof(RenameUserRequest))]
[JsonSerializable(typeof(SetUserActiveRequest))]
[JsonSerializable(typeof(RemoveUserRequest))]
[JsonSerializable(typeof(RemoveUserResponse))]
[JsonSerializable(typeof(UsersByIdRequest))]
[JsonSerializable(typeof(UsersResponse))]
[JsonSerializable(typeof(Page<UserRecord>))]
[JsonSerializable(typeof(SessionRecord))]
[JsonSerializable(typeof(Page<SessionRecord>))]
[JsonSerializable(typeof(CreateSessionRequest))]
[JsonSerializable(typeof(RotateRefreshTokenRequest))]
[JsonSerializable(typeof(RotateRefreshTokenResponse))]
[JsonSerializable(typeof(RevokeSessionsRequest))]
[JsonSerializable(typeof(RevokeSessionsResponse))]
[JsonSerializable(typeof(RevokedSessionsResponse))]
[JsonSerializable(typeof(AddSigningKeyRequest))]
[JsonSerializable(typeof(SigningKeysResponse))]
[JsonSerializable(typeof(RoomRecord))]
[JsonSerializable(typeof(Page<RoomRecord>))]
[JsonSerializable(typeof(CreateRoomRequest))]
[JsonSerializable(typeof(RoomSummary))]
[JsonSerializable(typeof(Page<RoomSummary>))]
[JsonSerializable(typeof(MemberRecord))]
[JsonSerializable(typeof(Page<MemberRecord>))]
[JsonSerializable(typeof(PutMemberRequest))]
[JsonSerializable(typeof(PutMemberResponse))]
[JsonSerializable(typeof(PutReadMarkerRequest))]
[JsonSerializable(typeof(ReadMarkerResponse))]
[JsonSerializable(typeof(UnreadResponse))]
[JsonSerializable(typeof(MessageRecord))]
[JsonSerializable(typeof(AppendRequest))]
[JsonSerializable(typeof(AppendResponse))]
[JsonSerializable(typeof(HistoryResponse))]
[JsonSerializable(typeof(HeadsRequest))]
[JsonSerializable(typeof(HeadsResponse))]
[JsonSerializable(typeof(MarkRelayedRequest))]
[JsonSerializable(typeof(MarkRelayedResponse))]
[JsonSerializable(typeof(ClaimUnrelayedRequest))]
[JsonSerializable(typeof(FileRecord))]
[JsonSerializable(typeof(Page<FileRecord>))]
[JsonSerializable(typeof(ReserveFileRequest))]
[JsonSerializable(typeof(CompleteFileRequest))]
[JsonSerializable(typeof(SetThumbnailRequest))]
[JsonSerializable(typeof(StorageUsage))]
[JsonSerializable(typeof(ReapableFilesResponse))]
[JsonSerializable(typeof(SystemEventRecord))]
[JsonSerializable(typeof(PublishRequest))]
[JsonSerializable(typeof(PublishResponse))]
[JsonSerializable(typeof(SessionRevokedRequest))]
[JsonSerializable(typeof(NewRoom))]
[JsonSerializable(typeof(RoomView))]
[JsonSerializable(typeof(Page<RoomView>))]
[JsonSerializable(typeof(MemberView))]
[JsonSerializable(typeof(Page<MemberView>))]
[JsonSerializable(typeof(MemberChange))]
[JsonSerializable(typeof(ReadPosition))]
[JsonSerializable(typeof(NewMessage))]
[JsonSerializable(typeof(MessageView))]
[JsonSerializable(typeof(MessagePage))]
[JsonSerializable(typeof(FileView))]
[JsonSerializable(typeof(UploadLimits))]
[JsonSerializable(typeof(Page<FileView>))]
[JsonSerializable(typeof(ChangeLayoutRequest))]
[JsonSerializable(typeof(LayoutRecord))]
[JsonSerializable(typeof(LayoutsResponse))]
[JsonSerializable(typeof(Page<LayoutRecord>))]
[JsonSerializable(typeof(NodeHeartbeat))]
[JsonSerializable(typeof(NodeHeartbeatResponse))]
[JsonSerializable(typeof(NodesResponse))]
[JsonSerializable(typeof(NodeFigures))]
[JsonSerializable(typeof(DriverLeaseRequest))]
[JsonSerializable(typeof(DriverLease))]
[JsonSerializable(typeof(LayoutGoal))]
[JsonSerializable(typeof(LayoutGoalsResponse))]
[JsonSerializable(typeof(SetLayoutGoalRequest))]
[JsonSerializable(typeof(LayoutScope))]
[JsonSerializable(typeof(LayoutDecision))]
[JsonSerializable(typeof(AddLayoutDecisionRequest))]
[JsonSerializable(typeof(Page<LayoutDecision>))]
[JsonSerializable(typeof(ReplicaFigures))]
[JsonSerializable(typeof(ReplicasResponse))]
[JsonSerializable(typeof(ClientFrame))]
[JsonSerializable(typeof(ServerFrame))]
public sealed partial class ContractsJsonContext : JsonSerializerContext;
