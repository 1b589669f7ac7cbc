using System.Globalization;
using System.Text;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Engine.Redis;

/// <summary>redis-server where it is installed, else Garnet, a server of the same protocol that comes as a .NET tool.</summary>
internal sealed class RedisServer(RedisResource resource) : LocalServer
{
    public override async Task<ProcessSpec> PrepareAsync(LaunchContext context, CancellationToken cancellationToken)
    {
        var folder = context.Folder.For(context.Resource.Name);
        var data = Volumes.FolderOf(context, runAs: null) ?? folder;
        var port = context.PortOf(RedisResource.PrimaryEndpointName);
        var password = resource.PasswordParameter is { } parameter ? await parameter.GetValueAsync(cancellationToken) : null;
        var persistence = resource.Annotations.OfType<RedisPersistence>().LastOrDefault();
        if (Unix.FindOnPath("redis-server") is not { } server)
        {
            return await GarnetServer.PrepareAsync(context, folder, data, port, password, persistence is not null, cancellationToken);
        }

        var configuration = Path.Combine(folder, "redis.conf");
        await WriteAsync(configuration, Configuration(data, port, password, persistence), cancellationToken);
        return new ProcessSpec(server, [configuration, .. context.Arguments], folder);
    }

    private static string Configuration(string data, int port, string? password, RedisPersistence? persistence)
    {
        var text = new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture, $"port {port}")
            .AppendLine("bind 127.0.0.1 -::1")
            .AppendLine("daemonize no")
            .AppendLine("appendonly no")
            .AppendLine(CultureInfo.InvariantCulture, $"dir \"{data}\"")
            .AppendLine(persistence is null
                ? "save \"\""
                : string.Create(CultureInfo.InvariantCulture, $"save {(long)persistence.Interval.TotalSeconds} {persistence.KeysChanged}"));
        return password is null ? text.ToString() : text.AppendLine(CultureInfo.InvariantCulture, $"requirepass \"{password}\"").ToString();
    }

    private static async Task WriteAsync(string path, string text, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        await file.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
    }
}
