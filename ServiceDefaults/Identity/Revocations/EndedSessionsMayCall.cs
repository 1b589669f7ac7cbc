namespace ServiceDefaults.Identity.Revocations;

/// <summary>Metadata of an endpoint that also serves callers whose session has ended: logging out a second time, after a lost answer, is no error.</summary>
public sealed class EndedSessionsMayCall;
