using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aspire.Hosting.Engine;

/// <summary>Generated secrets of one AppHost: a JSON file that only its owner may read. Without a path they live as long as this object.</summary>
internal sealed class SecretsFile(string? path)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private readonly Lock _lock = new();
    private JsonObject? _values;

    public string GetOrAdd(string key, Func<string> create)
    {
        lock (_lock)
        {
            _values ??= Read();
            if (_values[key]?.GetValue<string>() is { } known)
            {
                return known;
            }

            var created = create();
            _values[key] = created;
            Write();
            return created;
        }
    }

    private JsonObject Read()
    {
        if (path is null || !File.Exists(path))
        {
            return [];
        }

        try
        {
            return JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? [];
        }
        catch (JsonException e)
        {
            throw new DistributedApplicationException($"{path} is not valid JSON. Repair it, or delete it together with the data that was created with its passwords.", e);
        }
    }

    private void Write()
    {
        if (path is null)
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = path + ".new";
        using (var file = new FileStream(temporary, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = OperatingSystem.IsWindows() ? null : UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            JsonSerializer.Serialize(file, _values, Indented);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
