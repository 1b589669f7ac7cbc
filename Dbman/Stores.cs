using System.Text.Json.Serialization;
using Contracts;
using Contracts.Sessions;
using Dbman.Credentials;
using Dbman.Directory;
using Dbman.Directory.Lives;
using Dbman.Figures;
using Dbman.Files;
using Dbman.Housekeeping;
using Dbman.Layouts;
using Dbman.Members;
using Dbman.Messages.Commit;
using Dbman.Messages.History;
using Dbman.Messages.Relay;
using Dbman.Requests;
using Dbman.Rooms;
using Dbman.Sessions;
using Microsoft.AspNetCore.Http.Json;
using ServiceDefaults;

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
        services.AddSingleton<RequestGate>();
        services.AddSingleton<DirectoryStore>();
        services.AddSingleton<UserLifeStore>();
        services.AddSingleton<CredentialStore>();
        services.AddSingleton<SessionStore>();
        services.AddSingleton<SigningKeyStore>();
        services.AddSingleton<FileStore>();
        services.AddSingleton<RoomStore>();
        services.AddSingleton<MemberStore>();
        services.AddSingleton<HistoryStore>();
        services.AddSingleton<RelayStore>();
        builder.AddValidatedOptions<LayoutOptions>(LayoutOptions.Section);
        services.AddSingleton<LayoutStore>();
        services.AddSingleton<NodeStore>();
        services.AddSingleton<GoalStore>();
        services.AddSingleton<CommitTelemetry>();
        services.AddSingleton<BatchStore>();
        services.AddSingleton<BatchCommitter>();
        services.AddSingleton<GroupCommit>();
        services.AddHostedService(static provider => provider.GetRequiredService<GroupCommit>());
        builder.AddValidatedOptions<HousekeepingOptions>(HousekeepingOptions.Section);
        services.AddSingleton<Housekeeper>();
        services.AddHostedService(static provider => provider.GetRequiredService<Housekeeper>());
        builder.AddValidatedOptions<FiguresOptions>(FiguresOptions.Section);
        services.AddSingleton<FigureMeters>();
        services.AddSingleton<FiguresTelemetry>();
        services.AddSingleton<FiguresSource>();
        services.AddSingleton<ReplicaStore>();
        services.AddSingleton<FiguresReporter>();
        services.AddHostedService(static provider => provider.GetRequiredService<FiguresReporter>());
        return builder;
    }
}
