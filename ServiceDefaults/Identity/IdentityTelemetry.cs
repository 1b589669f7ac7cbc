using System.Diagnostics.Metrics;
using ServiceDefaults.Telemetry;

namespace ServiceDefaults.Identity;

internal sealed class IdentityTelemetry
{
    private readonly Counter<long> _tokens;
    private readonly Counter<long> _serviceTokens;
    private readonly Counter<long> _keyReads;
    private readonly Counter<long> _revocationReads;
    private readonly Counter<long> _revocationsForgotten;
    private readonly Meter _meter;

    public IdentityTelemetry(IMeterFactory meters)
    {
        var meter = _meter = meters.Create(TelemetryNames.Meter);
        _tokens = meter.CreateCounter<long>("identity.user_tokens", "{token}", "User tokens checked, by status.");
        _serviceTokens = meter.CreateCounter<long>("identity.service_tokens", "{token}", "Service tokens checked, by status.");
        _keyReads = meter.CreateCounter<long>("identity.key_reads", "{read}", "Reads of the issuer's public keys, by outcome.");
        _revocationReads = meter.CreateCounter<long>("identity.revocation_reads", "{read}", "Reads of ended sessions from dbman, by outcome.");
        _revocationsForgotten = meter.CreateCounter<long>(
            "identity.revocations_forgotten", "{session}", "Ended sessions that were evicted before their tokens expired, as there were too many.");
    }

    public void TokenChecked(UserTokenStatus status) =>
        _tokens.Add(1, new KeyValuePair<string, object?>("status", status switch
        {
            UserTokenStatus.Valid => "valid",
            UserTokenStatus.Expired => "expired",
            UserTokenStatus.Revoked => "revoked",
            UserTokenStatus.Unavailable => "unavailable",
            _ => "invalid",
        }));

    public void ServiceTokenChecked(bool valid) =>
        _serviceTokens.Add(1, new KeyValuePair<string, object?>("status", valid ? "valid" : "invalid"));

    public void RevocationsRead(bool failed) =>
        _revocationReads.Add(1, new KeyValuePair<string, object?>("outcome", failed ? "failed" : "read"));

    public void RevocationForgotten() => _revocationsForgotten.Add(1);

    public void ObserveRevocations(Func<int> count) =>
        _meter.CreateObservableGauge("identity.revocations", count, "{session}", "Ended sessions in memory.");

    public void KeysRead(bool failed) =>
        _keyReads.Add(1, new KeyValuePair<string, object?>("outcome", failed ? "failed" : "read"));
}
