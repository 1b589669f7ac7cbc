using System.Diagnostics.Metrics;
using ServiceDefaults.Telemetry;

namespace ServiceDefaults.Identity;

internal sealed class IdentityTelemetry
{
    private readonly Counter<long> _tokens;
    private readonly Counter<long> _serviceTokens;
    private readonly Counter<long> _keyReads;

    public IdentityTelemetry(IMeterFactory meters)
    {
        var meter = meters.Create(TelemetryNames.Meter);
        _tokens = meter.CreateCounter<long>("identity.user_tokens", "{token}", "User tokens checked, by status.");
        _serviceTokens = meter.CreateCounter<long>("identity.service_tokens", "{token}", "Service tokens checked, by status.");
        _keyReads = meter.CreateCounter<long>("identity.key_reads", "{read}", "Reads of the issuer's public keys, by outcome.");
    }

    public void TokenChecked(UserTokenStatus status) =>
        _tokens.Add(1, new KeyValuePair<string, object?>("status", status switch
        {
            UserTokenStatus.Valid => "valid",
            UserTokenStatus.Expired => "expired",
            UserTokenStatus.Unavailable => "unavailable",
            _ => "invalid",
        }));

    public void ServiceTokenChecked(bool valid) =>
        _serviceTokens.Add(1, new KeyValuePair<string, object?>("status", valid ? "valid" : "invalid"));

    public void KeysRead(bool failed) =>
        _keyReads.Add(1, new KeyValuePair<string, object?>("outcome", failed ? "failed" : "read"));
}
