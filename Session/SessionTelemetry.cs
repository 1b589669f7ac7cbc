using System.Diagnostics.Metrics;
using Contracts.Results;
using Session.Passwords;

namespace Session;

/// <summary>Every metric of the service. Tags have few values: never a tenant, user or address.</summary>
internal sealed class SessionTelemetry : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _logins;
    private readonly Counter<long> _lockouts;
    private readonly Counter<long> _registrations;
    private readonly Counter<long> _removals;
    private readonly Counter<long> _refreshes;
    private readonly Counter<long> _started;
    private readonly Counter<long> _revoked;
    private readonly Counter<long> _notices;
    private readonly Counter<long> _limited;
    private readonly Counter<long> _passwordsRefused;
    private readonly Counter<long> _hashesRenewed;
    private readonly Histogram<double> _passwordWork;
    private readonly Counter<long> _keyReads;
    private readonly Counter<long> _keysAdded;
    private readonly Counter<long> _keysUnusable;

    public SessionTelemetry(IMeterFactory meters)
    {
        // The application's own name: ServiceDefaults collects it.
        _meter = meters.Create("Session");
        _logins = _meter.CreateCounter<long>("session.logins", "{login}", "Password checks, by outcome.");
        _lockouts = _meter.CreateCounter<long>("session.lockouts", "{lockout}", "Sources that were locked out of a user name.");
        _registrations = _meter.CreateCounter<long>("session.registrations", "{registration}", "Tenants and users that were created, by kind.");
        _removals = _meter.CreateCounter<long>("session.removals", "{user}", "Users that were removed, by whom.");
        _refreshes = _meter.CreateCounter<long>("session.refreshes", "{refresh}", "Exchanges of refresh tokens, by outcome.");
        _started = _meter.CreateCounter<long>("session.started", "{session}", "Sessions that began.");
        _revoked = _meter.CreateCounter<long>("session.revoked", "{session}", "Sessions that were ended, by reason.");
        _notices = _meter.CreateCounter<long>("session.revocation.notices", "{notice}", "Notices to Realtime of ended sessions and of members that have gone, by outcome.");
        _limited = _meter.CreateCounter<long>("session.address_limited", "{request}", "Calls refused because their address calls too often.");
        _passwordsRefused = _meter.CreateCounter<long>("session.passwords.refused", "{request}", "Calls refused because too many passwords were being checked, of their address or in all.");
        _hashesRenewed = _meter.CreateCounter<long>("session.passwords.renewed", "{hash}", "Password hashes that were renewed, by outcome.");
        _passwordWork = _meter.CreateHistogram<double>("session.passwords.duration", "s", "Time to hash or check one password.");
        _keyReads = _meter.CreateCounter<long>("session.keys.reads", "{read}", "Readings of the signing keys, by outcome.");
        _keysAdded = _meter.CreateCounter<long>("session.keys.added", "{key}", "Signing keys made, by outcome.");
        _keysUnusable = _meter.CreateCounter<long>("session.keys.unusable", "{key}", "Stored signing keys that cannot be read or decrypted.");
    }

    public void Login(string outcome) => _logins.Add(1, Tag("outcome", outcome));

    public void Lockout() => _lockouts.Add(1);

    public void Registered(string kind) => _registrations.Add(1, Tag("kind", kind));

    public void UserRemoved(string by) => _removals.Add(1, Tag("by", by));

    public void Refresh(string outcome) => _refreshes.Add(1, Tag("outcome", outcome.ToLowerInvariant()));

    public void SessionStarted() => _started.Add(1);

    public void SessionsRevoked(int count, string reason) => _revoked.Add(count, Tag("reason", reason));

    public void RevocationNotice(string outcome) => _notices.Add(1, Tag("outcome", outcome));

    public void AddressLimited() => _limited.Add(1);

    public void PasswordRefused(TurnOutcome outcome) =>
        _passwordsRefused.Add(1, Tag("reason", outcome == TurnOutcome.AddressCrowded ? "address" : "all"));

    public void PasswordWork(TimeSpan duration) => _passwordWork.Record(duration.TotalSeconds);

    public void HashRenewed(bool succeeded) => _hashesRenewed.Add(1, Outcome(succeeded));

    public void KeysRead(bool succeeded) => _keyReads.Add(1, Outcome(succeeded));

    public void KeyAdded(ServiceProblem? problem) =>
        _keysAdded.Add(1, Tag("outcome", problem switch { null => "added", { Status: StatusCodes.Status409Conflict } => "lost_race", _ => "failed" }));

    public void KeyUnusable() => _keysUnusable.Add(1);

    public void ObservePasswordCallers(Func<int> count) =>
        _meter.CreateObservableGauge("session.passwords.callers", count, "{request}", "Calls that hash a password or wait for it.");

    public void ObserveRevocationQueue(Func<int> count) =>
        _meter.CreateObservableGauge("session.revocation.queued", count, "{notice}", "Notices to Realtime that wait.");

    public void ObserveAddresses(Func<int> count) =>
        _meter.CreateObservableGauge("session.addresses", count, "{address}", "Addresses that are counted separately.");

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Outcome(bool succeeded) => Tag("outcome", succeeded ? "success" : "failure");

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
