using System.Net.Http.Headers;
using System.Security.Cryptography;
using Contracts;
using Contracts.Messages;
using Contracts.Results;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Realtime;
using Realtime.Fanout;
using Realtime.Node;
using ServiceDefaults;
using ServiceDefaults.Identity;

namespace Bench.Fanout;

/// <summary>A node as it is in production, but for dbman: everybody is a member, and rooms begin empty.</summary>
internal static class FanoutNode
{
    public const string Tenant = "bench";
    private const string KeyId = "bench";

    public static async Task<int> RunAsync(Arguments arguments)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ConnectionStrings:redis"] = arguments.Text("redis", "localhost:6379"),
            ["ServiceKeys:Name"] = ServiceNames.Realtime,
            ["ConnectionStrings:service-keys"] = $"{ServiceNames.Chat}={Convert.ToBase64String(ServiceKey.ExportSubjectPublicKeyInfo())}",
            ["Drain:Delay"] = "0",
            ["UserTokens:MaxLifetime"] = "01:00:00",

            // All clients come from one machine here.
            ["Sockets:MaxPerUser"] = "1000000",
            ["Sockets:MaxPerTenant"] = "1000000",
            ["Sockets:MaxPerAddress"] = "1000000",
            ["Channels:Cluster"] = arguments.Text("cluster", "false"),

            // Layout changes should finish quickly.
            ["ControlPlane:Heartbeat"] = "00:00:00.100",
            ["Channels:Overlap"] = "00:00:00.500",

            // There is no history here: nothing is ever fetched from it, and no reader falls so far behind that it would need it.
            ["Fanout:ReorderWindow"] = "00:00:05",
            ["Fanout:HoldBackFrames"] = "4096",
            ["Fanout:HoldBackBytes"] = "67108864",
            ["Fanout:RingFrames"] = "65536",
            ["Fanout:RingBytes"] = "67108864",
        });
        builder.Configuration.AddEnvironmentVariables("BENCH_");
        builder.WebHost.UseUrls($"http://127.0.0.1:{arguments.Number("port", 0)}");
        builder.AddServiceDefaults();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton<IUserKeySource, Keys>();
        builder.Services.AddSingleton<IRoomStore, OpenRooms>();
        var layouts = new CommandedLayouts();
        builder.Services.AddSingleton<ILayoutPlane>(layouts);
        builder.AddUserAuthentication();
        builder.AddServiceAuthentication();
        builder.AddRealtime();
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapRealtime();
        await app.StartAsync(CancellationToken.None);
        Console.WriteLine("ready");

        // Standard input ends with the parent, and the node with it.
        await await Task.WhenAny(app.WaitForShutdownAsync(CancellationToken.None), layouts.ListenAsync());
        await app.StopAsync(CancellationToken.None);
        return 0;
    }

    /// <summary>A key that every process of a run derives alike.</summary>
    public static ECDsa Key() => Derive("bench"u8);

    private static ECDsa ServiceKey => Derive("bench, chat"u8);

    private static ECDsa Derive(ReadOnlySpan<byte> name) => ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = SHA256.HashData(name) });

    public static string UserToken(string user)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = "session",
            Audience = "chat",
            Claims = new Dictionary<string, object>(StringComparer.Ordinal) { ["sub"] = user, ["tid"] = Tenant, ["sid"] = "s", ["name"] = user, ["role"] = "member" },
            NotBefore = now,
            Expires = now.AddHours(1),
            SigningCredentials = new SigningCredentials(new ECDsaSecurityKey(Key()) { KeyId = KeyId }, SecurityAlgorithms.EcdsaSha256),
        });
    }

    /// <summary>Signs calls as chat does.</summary>
    public static HttpMessageHandler Signing()
    {
        using var key = ServiceKey;
        return new SigningHandler(ServiceTokenSource.TryCreate(Convert.ToBase64String(key.ExportPkcs8PrivateKey()), ServiceNames.Chat, ServiceNames.Realtime, TimeProvider.System)!);
    }

    private sealed class SigningHandler(ServiceTokenSource tokens) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.Issue());
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class Keys : IUserKeySource
    {
        public Task<IReadOnlyCollection<JsonWebKey>> ReadAsync(CancellationToken cancellationToken)
        {
            using var key = Key();
            var point = key.ExportParameters(includePrivateParameters: false).Q;
            IReadOnlyCollection<JsonWebKey> keys =
            [
                new JsonWebKey { Kid = KeyId, Kty = "EC", Crv = "P-256", Alg = "ES256", X = Base64UrlEncoder.Encode(point.X), Y = Base64UrlEncoder.Encode(point.Y) },
            ];
            return Task.FromResult(keys);
        }
    }

    private sealed class OpenRooms : IRoomStore
    {
        public Task<ServiceResult<HistoryResponse>> GetAfterAsync(RoomKey room, long after, int limit, CancellationToken cancellationToken) =>
            Task.FromResult<ServiceResult<HistoryResponse>>(new HistoryResponse([], 0));

        public Task<ServiceResult<HeadsResponse>> GetHeadsAsync(IReadOnlyList<RoomKey> rooms, CancellationToken cancellationToken) =>
            Task.FromResult<ServiceResult<HeadsResponse>>(new HeadsResponse([.. rooms.Select(static room => new RoomHead(room.Tenant, room.Room, 0))]));

        public Task<ServiceResult<bool>> IsMemberAsync(RoomKey room, string user, CancellationToken cancellationToken) =>
            Task.FromResult<ServiceResult<bool>>(true);
    }
}
