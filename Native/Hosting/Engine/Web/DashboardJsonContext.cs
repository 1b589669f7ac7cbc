using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aspire.Hosting.Engine.Web;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Shown[]))]
[JsonSerializable(typeof(Line[]))]
internal sealed partial class DashboardJsonContext : JsonSerializerContext;
