using System.Text.Json.Serialization;
using Contracts;
using Contracts.Sessions;
using Dbman.Directory;
using Dbman.Members;
using Dbman.Messages.Commit;
using Dbman.Messages.History;
using Dbman.Messages.Relay;
using Dbman.Requests;
using Dbman.Rooms;
using Microsoft.AspNetCore.Http.Json;

namespace Dbman;

/// <summary>Registers what the endpoints call.</summary>
internal static class Stores
{
    public static IHostApplicationBuilder AddStores(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.Configure<JsonOptions>(static options =>
        {
            // The context brings types; what it says about strictness and enums counts only for its own options, so it is said once more.
            var json = options.SerializerOptions;
            json.TypeInfoResolverChain.Insert(0, ContractsJsonContext.Default);
            json.RespectNullableAnnotations = true;
            json.RespectRequiredConstructorParameters = true;
            json.Converters.Add(new JsonStringEnumConverter<RotateOutcome>());
        });
        services.AddRequestLimits();
        services.AddSingleton<DirectoryStore>();
        services.AddSingleton<RoomStore>();
        services.AddSingleton<MemberStore>();
        services.AddSingleton<HistoryStore>();
        services.AddSingleton<RelayStore>();
        services.AddSingleton<CommitTelemetry>();
        services.AddSingleton<BatchStore>();
        services.AddSingleton<BatchCommitter>();
        services.AddSingleton<GroupCommit>();
        services.AddHostedService(static provider => provider.GetRequiredService<GroupCommit>());
        return builder;
    }
}
