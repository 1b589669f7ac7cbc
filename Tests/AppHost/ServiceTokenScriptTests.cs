using System.Text.Json;
using Contracts;
using Microsoft.Extensions.Options;
using ServiceDefaults.Identity;
using Tests.Deploy;
using Tests.Infrastructure;

namespace Tests.AppHost;

/// <summary>AppHost/service-token.mjs, by which people call internal routes in development.</summary>
public sealed class ServiceTokenScriptTests
{
    [Fact]
    public async Task PrintsATokenThatTheCalleeTakes_AndNoOtherService()
    {
        var token = TestContext.Current.CancellationToken;
        var secrets = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(secrets, JsonSerializer.Serialize(new Dictionary<string, string>(StringComparer.Ordinal) { ["Parameters:session-key"] = TestKeys.PrivateOf(ServiceNames.Session) }), token);

            var printed = (await RenderedOverlays.RunAsync("/usr/bin/env", "node", Path.Combine(AppHostProgram.Folder, "service-token.mjs"), "session", "dbman", secrets)).Trim();

            Assert.Equal(ServiceNames.Session, (await Callee(ServiceNames.Dbman).ValidateAsync(printed))?.ServiceName());
            Assert.Null(await Callee(ServiceNames.Realtime).ValidateAsync(printed));
        }
        finally
        {
            File.Delete(secrets);
        }
    }

    private static ServiceTokens Callee(string name) =>
        new(Options.Create(new ServiceKeyOptions { Name = name, PublicKeys = TestKeys.Public, Accepts = true }), telemetry: null, TimeProvider.System);
}
