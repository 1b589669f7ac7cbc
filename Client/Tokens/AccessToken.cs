namespace Client.Tokens;

/// <summary>A bearer token and its end.</summary>
public readonly record struct AccessToken(string Value, DateTimeOffset ExpiresAt);
