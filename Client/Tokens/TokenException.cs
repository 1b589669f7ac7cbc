using Contracts.Results;

namespace Client.Tokens;

/// <summary>There is no valid access token, and none could be had.</summary>
public sealed class TokenException : Exception
{
    /// <summary>An error with the problem behind it.</summary>
    public TokenException(string message, ServiceProblem? problem = null)
        : base(message) => Problem = problem;

    /// <summary>What the session service answered; null when nobody has signed in.</summary>
    public ServiceProblem? Problem { get; }

    /// <summary>Whether trying again later may help. Otherwise the user has to sign in again.</summary>
    public bool IsTransient => Problem?.IsTransient == true;
}
